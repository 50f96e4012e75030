import type { JournalTarget } from "./journal";
import type { ProviderFactory, ResourceProvider } from "./protocol/resource-provider";

/** One Pulumi package that the builtin providers serve. */
export interface BuiltinPackage {
  readonly name: string;
  /** Version of the official provider whose behaviour it follows. */
  readonly version: string;
  /** Loads its code on first use, so that the process is up at once. */
  readonly factory: ProviderFactory;
}

export interface PackageOptions {
  /** The cluster is the embedded one: its state repeats as little as possible, and requests to it are not held back. */
  readonly embedded: boolean;
  /** Where every change is noted; undefined: nowhere. */
  readonly journal: JournalTarget | undefined;
}

export function builtinPackages({ embedded, journal }: PackageOptions): readonly BuiltinPackage[] {
  const noted = async (provider: ResourceProvider) =>
    journal === undefined ? provider : (await import("./journal.js")).withJournal(provider, journal);
  return [
    {
      name: "kubernetes",
      version: "4.34.2",
      factory: async (log) => {
        const provider = (await import("./kubernetes/provider.js")).kubernetesProvider(log, undefined, {
          unlimited: embedded,
        });
        if (!embedded) return await noted(provider);
        return await noted((await import("./kubernetes/compact-state.js")).withCompactState(provider));
      },
    },
    {
      name: "random",
      version: "4.21.2",
      factory: async () => await noted((await import("./random/provider.js")).randomProvider()),
    },
    {
      name: "tls",
      version: "5.6.1",
      factory: async () => await noted((await import("./tls/provider.js")).tlsProvider()),
    },
  ];
}
