import { z } from "zod";
import { withReason } from "./checked";

const PREFIX = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Largest size of all annotations of an object together. */
const ANNOTATION_BYTES = 256 * 1024;

/** Whether Kubernetes takes a text as the name of a label, an annotation or a taint. */
function isQualifiedName(text: string): boolean {
  const parts = text.split("/");
  const [prefix, name] = parts.length === 2 ? parts : [undefined, parts[0]];
  return (
    parts.length <= 2 &&
    NAME.test(name ?? "") &&
    (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix)))
  );
}

const qualifiedWords =
  "letters, digits, dashes, underscores and dots (at most 63), with a DNS name and a slash in front where wanted";

/** Name of a label or a taint. */
export const qualifiedName = z
  .string()
  .refine(isQualifiedName)
  .meta({ allowed: qualifiedWords, examples: ["platform.example.org/sandbox"] });

/** Value of a label or a taint; may be empty. */
export const labelValue = z
  .string()
  .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/)
  .meta({ allowed: "at most 63 letters, digits, dashes, underscores and dots, a letter or digit first and last" });

/** Labels of pods or nodes. */
export const labels = z
  .record(qualifiedName, labelValue)
  .meta({ allowed: "an object of label names and values, both text", examples: [{ "k8s-app": "kube-dns" }] });

/** Labels that choose pods: none at all would choose every pod. */
export const podLabels = labels
  .superRefine(
    withReason((value) => (Object.keys(value).length === 0 ? "Without a label every pod would be meant." : undefined)),
  )
  .meta({
    allowed: "an object of label names and values, both text, with at least one label",
    examples: [{ "k8s-app": "kube-dns" }],
  });

export const annotations = z
  .record(
    z.string().refine((name) => isQualifiedName(name.toLowerCase())),
    z.string().regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u),
  )
  .superRefine(
    withReason((value) =>
      Buffer.byteLength(JSON.stringify(value)) > ANNOTATION_BYTES
        ? `Together they are larger than ${ANNOTATION_BYTES / 1024} KiB.`
        : undefined,
    ),
  )
  .meta({ allowed: `an object of annotation names and values, both text; a name has ${qualifiedWords}` });

/** A taint that pods put up with. */
export const toleration = z
  .strictObject({
    key: qualifiedName.exactOptional().meta({ description: "Key of the taint; absent: every taint." }),
    operator: z.enum(["Equal", "Exists"]).exactOptional().meta({ description: "How the value is compared." }),
    value: labelValue.exactOptional().meta({ description: "Value of the taint." }),
    effect: z
      .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
      .exactOptional()
      .meta({ description: "Effect of the taint; absent: every effect." }),
    tolerationSeconds: z.int().min(0).exactOptional().meta({
      description: "How long a running pod stays after the taint NoExecute appears.",
      unit: "seconds",
    }),
  })
  .superRefine(
    withReason(({ key, operator = "Equal", value, effect, tolerationSeconds }) => {
      if (key === undefined && operator !== "Exists") {
        return "Without a key every taint is meant, and the operator has to be Exists.";
      }
      if (operator === "Exists" && value !== undefined && value !== "") {
        return "With the operator Exists there is nothing that a value could be compared with.";
      }
      return tolerationSeconds !== undefined && effect !== "NoExecute"
        ? "tolerationSeconds counts with the effect NoExecute only."
        : undefined;
    }),
  );
