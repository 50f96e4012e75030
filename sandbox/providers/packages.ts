import type { ProviderFactory } from "./protocol/resource-provider";

/** One Pulumi package that the builtin providers serve. */
export interface BuiltinPackage {
  readonly name: string;
  /** Version of the official provider whose behaviour it follows. */
  readonly version: string;
  /** Loads its code on first use, so that the process is up at once. */
  readonly factory: ProviderFactory;
}

/** @param options.compactState let the state repeat as little as possible, see `kubernetes/compact-state.ts` */
export function builtinPackages(options: { readonly compactState: boolean }): readonly BuiltinPackage[] {
  return [
    {
      name: "kubernetes",
      version: "4.34.2",
      factory: async (log) => {
        const provider = (await import("./kubernetes/provider.js")).kubernetesProvider(log);
        if (!options.compactState) return provider;
        return (await import("./kubernetes/compact-state.js")).withCompactState(provider);
      },
    },
    { name: "random", version: "4.21.2", factory: async () => (await import("./random/provider.js")).randomProvider() },
    { name: "tls", version: "5.6.1", factory: async () => (await import("./tls/provider.js")).tlsProvider() },
  ];
}
