import type { ProviderKind } from "../sandbox/engine/providers";
import type { ProgressSink } from "../sandbox/progress";
import { ensureTools } from "../sandbox/tools";
import { type Manifest, renderConfiguration, renderStack } from "../stacks/render";
import { readStackFile } from "../stacks/render/stack-file";
import { addNodes, type Scene, withScene } from "./cluster";
import { type Contestant, helm, kubectl, type Objects, ours, setReplicas, WORKS, type Work } from "./contestants";
import { measure } from "./measure";
import { copyOf, withSecretValues } from "./objects";
import { Collection, type Measured } from "./results";

const STACK = "dev";

export interface ComparisonOptions {
  readonly runs: number;
  readonly providers: readonly ProviderKind[];
  readonly progress: ProgressSink;
}

/** What was measured, and what was not. */
export interface Outcome {
  readonly measured: readonly Measured[];
  readonly left: readonly string[];
}

/** The platform as it is on an empty cluster, against the programs that people would use without Pulumi. */
export async function measureComparison({ runs, providers, progress }: ComparisonOptions): Promise<Outcome> {
  const tools = await ensureTools(["kubectl", "helm"], progress);
  return await withScene(progress, async (scene) => {
    const objects = await objectsOf(scene);
    const { repository, sandboxFolder, interrupted } = scene;
    const contestants = [
      ...providers.map((kind) => ours(kind, scene.cluster, { repository, sandboxFolder, stack: STACK })),
      kubectl(tools.kubectl, scene.cluster, objects, scene.scratch),
      helm(tools.helm, scene.cluster, objects, scene.scratch),
    ];
    const collection = new Collection();
    const left = await compete(contestants, WORKS, {
      runs,
      objects: objects.before.length,
      progress,
      collection,
      interrupted,
    });
    return { measured: collection.measured(), left };
  });
}

/** The objects of the stack once, twice, four and eight times: how the cost grows. One run for each size. */
export async function measureGrowth(
  { providers, progress, runs }: ComparisonOptions,
  sizes: readonly number[] = [1, 2, 4, 8],
): Promise<Outcome> {
  const tools = await ensureTools(["kubectl"], progress);
  const original = (await renderStack(STACK)).map(withSecretValues);
  const works = WORKS.filter((work) => work !== "one-line change");
  const left: string[] = [];
  const collection = new Collection();
  await withScene(progress, async (scene) => {
    addNodes(tools.kubectl, scene.cluster, 8);
    for (const copies of sizes) {
      const manifests = Array.from({ length: copies }, (_, index) => copyOf(original, index + 1)).flat();
      const { repository, sandboxFolder, interrupted } = scene;
      const contestants = [
        ...providers.map((kind) => ours(kind, scene.cluster, { repository, sandboxFolder, stack: STACK, copies })),
        kubectl(tools.kubectl, scene.cluster, { before: manifests, after: manifests }, scene.scratch),
      ];
      left.push(
        ...(await compete(contestants, works, { runs, objects: manifests.length, progress, collection, interrupted })),
      );
    }
  });
  return { measured: collection.measured(), left };
}

interface Competition {
  readonly runs: number;
  readonly objects: number;
  readonly progress: ProgressSink;
  readonly collection: Collection;
  readonly interrupted: AbortSignal;
}

/**
 * Every contestant goes through all works, one after the other on the same cluster, and each run begins with another one,
 * so that none has the machine's better moments. One that fails is left out from then on.
 * @returns what was left out, and why
 */
async function compete(
  contestants: readonly Contestant[],
  works: readonly Work[],
  { runs, objects, progress, collection, interrupted }: Competition,
): Promise<string[]> {
  const failures = new Map<Contestant, string>();
  for (let run = 0; run < runs; run++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(run + turn) % contestants.length] as Contestant;
      if (failures.has(contestant)) continue;
      for (const work of works) {
        const command = contestant.command(work);
        if (command === undefined) continue;
        progress.step(`${objects} objects, run ${run + 1} of ${runs}: ${contestant.name}, ${work}`);
        try {
          collection.add(contestant.name, work, objects, await measure(command, interrupted));
        } catch (error) {
          interrupted.throwIfAborted();
          failures.set(contestant, `${contestant.name} with ${objects} objects, ${work}: ${(error as Error).message}`);
          const cleanUp = work === "destroy" ? undefined : contestant.command("destroy");
          if (cleanUp !== undefined)
            await measure(cleanUp, interrupted).catch(() => progress.warn(`${contestant.name} left objects behind`));
          break;
        }
      }
    }
  }
  return [...failures.values()];
}

/** Both renders, made from the scene's own stack file, as the program will read it. */
async function objectsOf({ repository }: Scene): Promise<Objects> {
  const render = async (replicas: number): Promise<Manifest[]> => {
    setReplicas(repository, STACK, replicas);
    return (await renderConfiguration(readStackFile(repository, STACK))).map(withSecretValues);
  };
  return { before: await render(3), after: await render(4) };
}
