import { Provider } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checkReachable, runsInLanguageHost } from "./stacks/cluster-reachability";
import { asTold, type ClusterTarget, clusterTarget } from "./stacks/cluster-target";
import { configuredValues } from "./stacks/configured-values";
import { deployPlatform, type PlatformOutputs } from "./stacks/platform";
import { withReadableFailures } from "./stacks/program-failures";
import { parseSettings, type Settings, settingsWarnings } from "./stacks/settings";

/** The program: settings → provider → platform → stack outputs. The engine calls it once per run. */
async function program(): Promise<PlatformOutputs> {
  const stack = pulumi.getStack();
  const values = configuredValues();
  const settings = parseSettings({ stack, ...values });
  for (const warning of settingsWarnings(settings, values.configured)) {
    await pulumi.log.warn(warning);
  }
  const target = clusterTarget(settings, process.env);
  if (runsInLanguageHost(process.env)) {
    await checkReachable(target, process.env);
  }
  const provider = kubernetesProvider(settings, target);
  return deployPlatform(stack, settings, { providers: [provider] }).outputs;
}

function kubernetesProvider({ cluster }: Settings, target: ClusterTarget): Provider {
  return new Provider(
    "cluster",
    {
      ...target,
      enableServerSideApply: true,
      // What somebody changed by hand is drift, and the next `up` puts it right instead of reporting a conflict.
      enablePatchForce: true,
      // A changed ConfigMap or Secret is updated in place; the checksum on the pods makes them roll.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      kubeClientSettings: { qps: cluster.requestLimits.queriesPerSecond, burst: cluster.requestLimits.burst },
    },
    { transformations: [asTold(target)] },
  );
}

export = () => withReadableFailures(program);
