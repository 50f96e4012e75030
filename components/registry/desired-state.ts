import { stableJson } from "../kubernetes/checksum";

/** A project as Harbor is to have it. What is not listed here is left as people set it in the portal. */
export interface ProjectFacts {
  /** Lower-case letters and digits, joined by single dots, underscores or dashes. */
  readonly name: string;
  /** Everybody may pull without a login. */
  readonly public: boolean;
  /** Scan images after each push. Seed: on. */
  readonly autoScan: boolean;
  /** Refuse to hand out images with vulnerabilities from `severity` on. */
  readonly preventVulnerable: boolean;
  readonly severity: "none" | "low" | "medium" | "high" | "critical";
  /** Bytes that the project may use. @default -1, no limit */
  readonly storageLimit: number;
  /** Tags that can neither be moved nor deleted. Rules that are taken away here stay in Harbor. */
  readonly immutableTags: readonly TagSelection[];
  /** Which tags stay; all others are removed by schedule. Garbage collection frees the space. @default all stay */
  readonly retention?: RetentionFacts | undefined;
}

/** Tags of repositories; both patterns may use `*`, `**`, `?` and `{a,b}`. */
export interface TagSelection {
  readonly repositories: string;
  readonly tags: string;
}

export interface RetentionFacts {
  /** Six fields, seconds first, which have to be 0. */
  readonly cron: string;
  /** A tag stays when one of these says so. */
  readonly rules: readonly (TagSelection & {
    readonly template: "latestPushedK" | "latestPulledN" | "nDaysSinceLastPush" | "nDaysSinceLastPull" | "always";
    /** Number for the template; `always` needs none. */
    readonly count?: number | undefined;
  })[];
}

/** A login for machines at one project. */
export interface RobotFacts {
  readonly project: string;
  /** Short name; the user name is `robot$<project>+<name>`. */
  readonly name: string;
  readonly description: string;
  readonly actions: readonly ("pull" | "push")[];
  /** Days until it expires, or -1. It is made anew before. */
  readonly days: number;
  /** Another number makes another secret. */
  readonly rotation: number;
}

/** File name of a robot's secret. */
export function robotSecretKey(project: string, robot: string): string {
  return `robot.${project}.${robot}`;
}

/**
 * The file that the script `registry_bootstrap.py` reads; it holds no secret.
 * @param system settings under the names of Harbor's API
 */
export function desiredState(
  projects: readonly ProjectFacts[],
  robots: readonly RobotFacts[],
  system: Readonly<Record<string, string | number | boolean>> = {},
): string {
  return stableJson(
    {
      system,
      projects: projects.map((project) => ({
        name: project.name,
        storageLimit: project.storageLimit,
        // Harbor wants text here, also for what is true or false.
        metadata: {
          public: String(project.public),
          auto_scan: String(project.autoScan),
          prevent_vul: String(project.preventVulnerable),
          severity: project.severity,
        },
        immutableTags: project.immutableTags,
        retention: project.retention === undefined ? null : retentionOf(project.retention),
      })),
      robots: robots.map(({ project, name, description, actions, days }) => ({
        project,
        name,
        description,
        actions,
        days,
      })),
    },
    2,
  );
}

function retentionOf({ cron, rules }: RetentionFacts) {
  return { cron, rules: rules.map(({ count, ...rule }) => ({ ...rule, count: count ?? null })) };
}
