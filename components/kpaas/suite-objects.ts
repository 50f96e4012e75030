import { ConfigMap, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding, RegistryEndpoint } from "../contracts";
import { accountFiles, type UserAccount } from "../kubernetes/user-account";

/**
 * The images make a user that is called `1000` and do not use it; its number is another one, and files are readable for
 * all. Its home is where the programs look for their files.
 */
export const applicationUser: UserAccount = { uid: 1000, name: "1000", home: "/home/1000" };

/** What the shared objects of a suite hold. */
export interface SuiteContents {
  /** The ConfigMap that all applications get as a whole. */
  readonly shared: Readonly<Record<string, pulumi.Input<string>>>;
  /** The Secret of the suite, whose keys the applications get one by one. */
  readonly secretData: Readonly<Record<string, pulumi.Input<string>>>;
  /** Authorities that the public ones do not know: file name, ending in `.crt` → PEM. */
  readonly authorities: Readonly<Record<string, pulumi.Output<string>>>;
}

export interface SuiteObjectsFacts {
  /** Start of the names, as upstream has it: `cp-portal` makes `cp-portal-configmap` and `cp-portal-secret`. */
  readonly suite: string;
  readonly namespace: NamespaceBinding;
  /** Login that pulls the images; becomes `cp-regcred`. */
  readonly registry: RegistryEndpoint;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Whether a program calls a server behind one of a suite's authorities.
 * @param files server by file of its authority
 * @param calls servers that the program calls
 */
export function callsBehind(
  authorities: SuiteContents["authorities"],
  files: Readonly<Record<string, string>>,
  calls: readonly string[],
): boolean {
  return Object.entries(files).some(([file, server]) => file in authorities && calls.includes(server));
}

/** Names of the objects. */
export interface SuiteObjects {
  readonly serviceAccountName: string;
  readonly configurationName: string;
  readonly secretName: string;
  readonly pullSecretName: string;
  /** ConfigMap with the files that make {@link applicationUser} known. */
  readonly accountName: string;
  /** Undefined when all authorities are public ones. */
  readonly authoritiesName: string | undefined;
  /** The objects; whoever uses the names depends on them. */
  readonly ready: readonly pulumi.Resource[];
}

/**
 * The objects that all applications of a suite share. Upstream loads ConfigMap and Secret whole into all of them. Here
 * the ConfigMap, which holds no secrets, is loaded whole, since builds differ in what they read of it; of the Secret
 * each application gets only its own keys, because a login that somebody else can read protects nothing.
 */
export function suiteObjects(
  name: string,
  { suite, namespace, registry, labels }: SuiteObjectsFacts,
  { shared, secretData, authorities }: SuiteContents,
  parent: pulumi.Resource,
): SuiteObjects {
  const fixedName = { parent, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
  const metadata = (objectName: string) => ({ name: objectName, namespace: namespace.name, labels: { ...labels } });
  const names = {
    serviceAccountName: suite,
    configurationName: `${suite}-configmap`,
    secretName: `${suite}-secret`,
    pullSecretName: "cp-regcred",
    accountName: `${suite}-user`,
    authoritiesName: Object.keys(authorities).length === 0 ? undefined : `${suite}-authorities`,
  };
  const configuration = new ConfigMap(
    `${name}-configuration`,
    { metadata: metadata(names.configurationName), data: { ...shared } },
    fixedName,
  );
  const secret = new Secret(
    `${name}-secret`,
    { metadata: metadata(names.secretName), stringData: { ...secretData } },
    fixedName,
  );
  const pullSecret = new Secret(
    `${name}-pull-secret`,
    {
      metadata: metadata(names.pullSecretName),
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": registry.dockerConfigJson },
    },
    { ...fixedName, dependsOn: [...registry.ready] }, // pods wait for it: before, the login would be refused
  );
  const user = new ConfigMap(
    `${name}-user`,
    { metadata: metadata(names.accountName), data: { ...accountFiles(applicationUser) } },
    fixedName,
  );
  const account = new ServiceAccount(
    `${name}-account`,
    { metadata: metadata(names.serviceAccountName), automountServiceAccountToken: false },
    fixedName,
  );
  const trusted =
    names.authoritiesName === undefined
      ? []
      : [
          new ConfigMap(
            `${name}-authorities`,
            { metadata: metadata(names.authoritiesName), data: { ...authorities } },
            fixedName,
          ),
        ];
  return { ...names, ready: [configuration, secret, pullSecret, user, account, ...trusted] };
}
