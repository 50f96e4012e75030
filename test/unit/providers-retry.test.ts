import { secondsToRetry } from "../../sandbox/providers/kubernetes/api-client";

test.each([
  [429, "1", 1],
  [503, "2", 2],
  [500, "3600", 10],
  [500, undefined, undefined],
  [409, "1", undefined],
  [200, "1", undefined],
  [503, "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
])("status %d with Retry-After %s is repeated after %s s", (code, header, seconds) => {
  expect(secondsToRetry(code, header)).toBe(seconds);
});
