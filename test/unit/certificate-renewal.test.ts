import * as pulumi from "@pulumi/pulumi";
import { renewalWarning, warnWhenDue } from "../../components/exposure/certificate-renewal";
import { renderStack } from "../../stacks/render";

const END = "2027-03-31T12:00:00Z";
const hoursBefore = (hours: number) => Date.parse(END) - hours * 3_600_000;

test.each([
  [721, undefined],
  [719, /for shop\.example\.org ends on 2027-03-31T12:00:00Z and is due.*pulumi up --refresh/],
  [-1, /for shop\.example\.org has ended on 2027-03-31T12:00:00Z.*pulumi up --refresh/],
])("%d hours before the end of a certificate that is to be renewed 720 hours before", (hours, message) => {
  const warning = renewalWarning("for shop.example.org", END, 720, hoursBefore(hours));
  if (message === undefined) expect(warning).toBeUndefined();
  else expect(warning).toMatch(message);
});

test("a run that knows no dates says nothing", async () => {
  expect(renewalWarning("for x", undefined, 720, Date.now())).toBeUndefined();
  expect(renewalWarning("for x", "soon", 720, Date.now())).toBeUndefined();
  const warn = jest.spyOn(pulumi.log, "warn");
  await renderStack("dev");
  expect(warn.mock.calls.map(([text]) => text).filter((text) => /renew/i.test(text))).toEqual([]);
  warn.mockRestore();
});

test("the warning is shown at the certificate", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const certificate = { validityEndTime: pulumi.output("2020-01-01T00:00:00Z") } as never;
  warnWhenDue(certificate, "for shop.example.org", 24);
  await new Promise((done) => setTimeout(done, 0));
  await new Promise((done) => setTimeout(done, 0));
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("has ended on 2020-01-01"), certificate);
  warn.mockRestore();
});
