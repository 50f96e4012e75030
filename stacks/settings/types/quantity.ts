import { z } from "zod";
import { quantityValue } from "../../../components/kubernetes/quantity";
import { type Fault, withReason } from "./checked";

/** A range of amounts, in Kubernetes' words. */
interface Limits {
  readonly least: string;
  readonly most: string;
}

const CPU = /^(?:(?:0|[1-9]\d*)(?:\.\d{1,3})?|\.\d{1,3}|(?:0|[1-9]\d*)m)$/;
const BYTES = /^(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)(?:k|[MGTP]|[KMGTP]i)?$/;

/** How little a container can do anything with, and how much no machine has. */
const cpuLimits: Limits = { least: "1m", most: "512" };
const memoryLimits: Limits = { least: "8Mi", most: "16Ti" };
const storageLimits: Limits = { least: "1Mi", most: "1Pi" };

/** A plain number is taken too, because that is what `pulumi config set --path` stores for `2`. */
function amount(fault: Fault<string>) {
  return z.union([z.string(), z.number().transform(String)]).superRefine(withReason(fault));
}

function outside(text: string, { least, most }: Limits): string | undefined {
  const value = quantityValue(text);
  if (value < quantityValue(least)) {
    return value === 0 ? "Nothing runs with nothing." : `That is less than ${least}.`;
  }
  return value > quantityValue(most) ? `That is more than ${most}.` : undefined;
}

/** Processor time of a container or of several. Give it a default with `prefault`, which the reference can show. */
export const cpuQuantity = amount((text) => {
  if (CPU.test(text)) {
    return outside(text, cpuLimits);
  }
  return BYTES.test(text) && /[A-Za-z]/.test(text)
    ? "This is an amount of bytes; processor time is counted in CPUs, or thousandths of one (m)."
    : "This is no amount of processor time.";
}).meta({
  allowed: `processor time from ${cpuLimits.least} to ${cpuLimits.most}: CPUs with at most three decimals, or thousandths of one with the suffix m`,
  examples: ["500m"],
});

function bytes(limits: Limits, what: string) {
  return amount((text) => {
    if (!BYTES.test(text)) {
      return /^\d+m$/.test(text)
        ? "The suffix m means thousandths of a byte; Mi is meant for mebibytes."
        : "This is no amount of bytes.";
    }
    if (!Number.isInteger(quantityValue(text))) {
      return "This is no whole number of bytes.";
    }
    const fault = outside(text, limits);
    return fault === undefined || /[A-Za-z]/.test(text) || quantityValue(text) === 0
      ? fault
      : `${fault.slice(0, -1)}: without a suffix it is counted in bytes.`;
  }).meta({
    allowed: `an amount of ${what} from ${limits.least} to ${limits.most}: a number with a suffix such as Mi or Gi`,
  });
}

/** Memory of a container or of several. @param least that the program in it starts with */
export function memoryAtLeast(least: string) {
  return bytes({ ...memoryLimits, least }, "memory").meta({ examples: ["512Mi"] });
}

export const memoryQuantity = memoryAtLeast(memoryLimits.least);

/** Room on a disk. */
export const storageQuantity = bytes(storageLimits, "storage").meta({ examples: ["10Gi"] });
