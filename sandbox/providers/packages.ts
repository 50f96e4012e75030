import { kubernetesProvider } from "./kubernetes/provider";
import type { ProviderFactory } from "./protocol/resource-provider";
import { randomProvider } from "./random/provider";
import { tlsProvider } from "./tls/provider";

/** One Pulumi package that the builtin providers serve. */
export interface BuiltinPackage {
  readonly name: string;
  /** Version of the official provider whose behaviour it follows. */
  readonly version: string;
  readonly factory: ProviderFactory;
}

export const builtinPackages: readonly BuiltinPackage[] = [
  { name: "kubernetes", version: "4.34.2", factory: kubernetesProvider },
  { name: "random", version: "4.21.2", factory: randomProvider },
  { name: "tls", version: "5.6.1", factory: tlsProvider },
];
