import { accessExamples } from "./access";
import { containerExamples } from "./containers";
import { networkingExamples } from "./networking";
import type { Example } from "./objects";
import { podSecurityExamples } from "./pod-security";
import { secretExamples } from "./secrets";
import { workloadExamples } from "./workloads";

/** Examples of every rule. */
export const EXAMPLES: readonly Example[] = [
  ...podSecurityExamples,
  ...containerExamples,
  ...secretExamples,
  ...workloadExamples,
  ...networkingExamples,
  ...accessExamples,
];
