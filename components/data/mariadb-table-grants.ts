import * as pulumi from "@pulumi/pulumi";
import type { MariaDbEndpoint } from "../contracts";
import type { MariaDbAccess } from "./mariadb-access";
import { addAccessJob } from "./mariadb-access-job";

export interface MariaDbTableGrantsArgs<Client extends string> {
  readonly access: MariaDbAccess<Client>;
  /** What makes the tables: the workloads of the applications that they belong to. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * The rights at tables that another application makes when it first starts. A right at a table cannot be given before the
 * table is there, so the access plan is run once more: by then it lacks these rights and nothing else.
 */
export class MariaDbTableGrants<Client extends string> extends pulumi.ComponentResource {
  private readonly ready: readonly pulumi.Resource[];
  private readonly access: MariaDbAccess<Client>;

  constructor(name: string, args: MariaDbTableGrantsArgs<Client>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:data:MariaDbTableGrants", name, {}, opts);
    const { awaitedTables, job } = args.access;
    this.access = args.access;
    this.ready = [addAccessJob(`${name}-job`, job, { suffix: "-tables", awaitedTables, dependsOn: args.after }, this)];
    this.registerOutputs({});
  }

  /** The login of a client with all of its rights. */
  endpoint(client: Client): MariaDbEndpoint {
    return { ...this.access.endpoint(client), ready: this.ready };
  }
}
