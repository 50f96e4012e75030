import type { Cost } from "./measure";
import { type Spread, spreadOf } from "./statistics";

/** What one way of doing a work took, over all runs. */
export interface Measured {
  readonly contestant: string;
  readonly work: string;
  /** How many objects it was about; 0 where none is touched. */
  readonly objects: number;
  readonly wallSeconds: Spread;
  readonly cpuSeconds: Spread;
  /** The largest of all runs; undefined where the system does not tell. */
  readonly peakMebibytes: number | undefined;
}

/** Everything of a run of the bench, as it is printed in JSON. */
export interface BenchResults {
  readonly machine: Machine;
  readonly evaluation: readonly Measured[];
  readonly comparison: readonly Measured[];
  readonly growth: readonly Measured[];
  /** What could not be measured, and why. */
  readonly left: readonly string[];
}

export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly memoryGibibytes: number;
  readonly node: string;
  readonly system: string;
  readonly date: string;
  /** Mean number of running processes of the last minute when the bench began: above 0.5 the absolute times mean little. */
  readonly load: number;
}

/** Collects the costs of each work of each contestant in the order in which they were first met. */
export class Collection {
  private readonly costs = new Map<string, { contestant: string; work: string; objects: number; costs: Cost[] }>();

  add(contestant: string, work: string, objects: number, cost: Cost): void {
    const key = JSON.stringify([contestant, work, objects]);
    const entry = this.costs.get(key) ?? { contestant, work, objects, costs: [] };
    entry.costs.push(cost);
    this.costs.set(key, entry);
  }

  measured(): Measured[] {
    return [...this.costs.values()].map(({ contestant, work, objects, costs }) => {
      const peaks = costs.flatMap(({ peakMebibytes }) => peakMebibytes ?? []);
      return {
        contestant,
        work,
        objects,
        wallSeconds: spreadOf(costs.map(({ wallSeconds }) => wallSeconds)),
        cpuSeconds: spreadOf(costs.map(({ cpuSeconds }) => cpuSeconds)),
        peakMebibytes: peaks.length === 0 ? undefined : Math.max(...peaks),
      };
    });
  }
}
