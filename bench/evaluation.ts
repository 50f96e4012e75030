import { resolve } from "node:path";
import type { ProgressSink } from "../sandbox/progress";
import { measure } from "./measure";
import { Collection, type Measured } from "./results";

const LAUNCHER = resolve(__dirname, "../cli/launch.mjs");

/** Commands that touch no cluster: what every other command pays as well before it does anything. */
const WORKS: Readonly<Record<string, readonly string[]>> = {
  "render dev": ["render", "--stack", "dev"],
  "render prod": ["render", "--stack", "prod"],
  "up --help": ["up", "--help"],
};

/** Each from the bundle and, to see what that is worth, from the single modules. */
const LOADERS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  bundle: { PLATFORM_LOADER: "" },
  "module by module": { PLATFORM_LOADER: "tsx" },
};

/** Interleaved, after one run of each that is not counted: it builds the bundle. */
export async function measureEvaluation(runs: number, progress: ProgressSink): Promise<Measured[]> {
  const collection = new Collection();
  for (let run = 0; run <= runs; run++) {
    for (const [work, args] of Object.entries(WORKS)) {
      for (const [loader, environment] of Object.entries(LOADERS)) {
        progress.step(`evaluation, run ${run} of ${runs}: ${work}, ${loader}`);
        const cost = await measure({ program: process.execPath, args: [LAUNCHER, ...args], environment });
        if (run > 0) collection.add(loader, work, 0, cost);
      }
    }
  }
  return collection.measured();
}
