import * as pulumi from "@pulumi/pulumi";
import { RandomUuid } from "@pulumi/random";

export interface HostClusterIdentityArgs {
  /** @default generated, a UUID that stays the same */
  readonly id: string | undefined;
  /** Refuse to lose a generated id: Vault and database know the cluster by it. */
  readonly protect: boolean;
}

/** The id by which the portal knows the cluster that it runs on. Vault and database have to name the same. */
export class HostClusterIdentity extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: HostClusterIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:kpaas:HostClusterIdentity", name, {}, opts);
    const { id, protect } = args;
    this.id = id === undefined ? new RandomUuid(`${name}-id`, {}, { parent: this, protect }).result : pulumi.output(id);
    this.registerOutputs({ id: this.id });
  }
}
