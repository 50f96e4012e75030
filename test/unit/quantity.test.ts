import { bytesOf } from "../../components/kubernetes/quantity";

test.each([
  ["16Gi", 16 * 2 ** 30],
  ["512Mi", 512 * 2 ** 20],
  ["1.5G", 1_500_000_000],
  ["1024", 1024],
])("%s is %d bytes", (quantity, bytes) => {
  expect(bytesOf(quantity)).toBe(bytes);
});

test.each(["", "Gi", "4 Gi", "4gb", "-1Gi", "500m"])("refuses %j, which is no amount of memory or storage", (text) => {
  expect(() => bytesOf(text)).toThrow(/no quantity of bytes; write a number with one of/);
});
