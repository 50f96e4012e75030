import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Endpoint, NamespaceBinding, NetworkPlace, OidcClient, Workload } from "../contracts";
import { bootstrapAnnotations, giveUpOn } from "../kubernetes/bootstrap-job";
import { contentNamed, runOnce } from "../kubernetes/job";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { restrictedPod } from "../kubernetes/pod";
import type { KeycloakAdministration } from "./keycloak";
import { type RealmClient, type RealmFacts, realmDocument } from "./keycloak-realm-document";

const NAME = "keycloak-realm";
const CONTAINER = "realm";
const SCRIPT_FILE = "keycloak_realm.py";
const SCRIPT_DIRECTORY = "/etc/keycloak-realm";
const SECRET_DIRECTORY = "/run/secrets/keycloak-realm";
const REALM_FILE = "realm.json";
/** The image has no user but root; any other number will do. */
const USER = 65532;

/** A generated secret: long enough to stand for itself, and nothing in it has to be escaped anywhere. */
const generated = { length: 32, special: false };

/** The script that the Job runs, and the module that it imports. */
export const realmScripts: Readonly<Record<string, string>> = Object.fromEntries(
  [SCRIPT_FILE, "keycloak_api.py"].map((file) => [file, readFileSync(join(__dirname, "scripts", file), "utf8")]),
);

export interface KeycloakRealmArgs<Client extends string> {
  /** Keycloak's own. */
  readonly namespace: NamespaceBinding;
  /** Python 3; the script uses the standard library only. */
  readonly image: ResolvedImage;
  readonly administration: KeycloakAdministration;
  readonly realm: RealmFacts;
  /** Secret. For the login at the realm's mail server. @default none */
  readonly mailPassword?: pulumi.Input<string> | undefined;
  /** Systems that people log in to, by the key that {@link KeycloakRealm.client} takes. */
  readonly clients: Readonly<Partial<Record<Client, RealmClient>>>;
  /** Address of Keycloak for people, with its relative path, without a slash at the end. */
  readonly publicUrl: string;
  /** What pods reach in the end that call the public address: the ingress controller's pods, or Keycloak's own. */
  readonly reachedThrough: Endpoint;
  /** PEM of the authority behind the public address's certificate, where the public ones do not know it. */
  readonly certificateAuthority?: pulumi.Output<string> | undefined;
}

/**
 * A realm with its roles, its clients and its first user. The clients' secrets are made here and given to Keycloak, so
 * that whoever uses one needs nothing that only a running Keycloak knows.
 */
export class KeycloakRealm<Client extends string> extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** The first user, an administrator of the platform. The password has to be changed at the first login. */
  readonly firstLogin: { readonly username: string; readonly password: pulumi.Output<string> };

  private readonly logins: ReadonlyMap<Client, OidcClient>;

  constructor(name: string, args: KeycloakRealmArgs<Client>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:identity:KeycloakRealm", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { administration } = args;
    const facts = { system: "keycloak", software: NAME, instance: NAME };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "realm" });
    const metadata = { name: NAME, namespace: args.namespace.name, labels };
    const secretOf = (role: string) => new RandomPassword(`${name}-${role}`, generated, { parent: this }).result;

    const clients = (Object.entries(args.clients) as [Client, RealmClient][]).map(([key, client]) => ({
      key,
      client,
      secret: secretOf(`${key}-secret`),
    }));
    this.firstLogin = { username: args.realm.firstUser, password: pulumi.secret(secretOf("first-password")) };
    const document = pulumi.secret(
      pulumi
        .all([
          pulumi.all(clients.map(({ client, secret }) => secret.apply((each) => ({ ...client, secret: each })))),
          this.firstLogin.password,
          args.mailPassword ?? pulumi.output<string | undefined>(undefined),
        ])
        .apply(([each, firstPassword, mailPassword]) => realmDocument(args.realm, each, firstPassword, mailPassword)),
    );
    const scripts = new ConfigMap(`${name}-scripts`, { metadata, data: realmScripts }, fixedName);
    const secret = new Secret(
      `${name}-secret`,
      {
        metadata,
        stringData: {
          [REALM_FILE]: document,
          username: administration.username,
          password: administration.password,
        },
      },
      fixedName,
    );
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, fixedName);
    const { reference: image } = args.image;
    const job = new Job(
      `${name}-job`,
      {
        metadata: {
          ...metadata,
          // The document holds generated secrets, so nothing can be learnt from the hash.
          name: pulumi.unsecret(
            pulumi
              .all([document, administration.password])
              .apply(([realm, password]) => contentNamed(NAME, { realm, password, realmScripts, image })),
          ),
          annotations: bootstrapAnnotations,
        },
        spec: {
          ...runOnce({
            labels,
            pod: realmPod(args.image, administration.url, {
              serviceAccountName: NAME,
              scriptsName: NAME,
              secretName: NAME,
            }),
            deadlineSeconds: 1800,
          }),
          podFailurePolicy: giveUpOn(CONTAINER, [2, 3]), // wrong input, wrong password
        },
      },
      {
        parent: this,
        dependsOn: [scripts, secret, account, ...administration.ready], // the Job would wait for it, but its time is limited
        customTimeouts: { create: "35m", update: "35m" },
      },
    );

    const workload: Workload = { system: "keycloak", name: NAME, namespace: args.namespace.plainName, podLabels };
    this.workloads = [workload];
    this.connections = [{ from: workload, to: administration, ports: administration.ports }];
    this.logins = new Map(
      clients.map(({ key, client, secret: clientSecret }) => [
        key,
        {
          ...args.reachedThrough,
          issuer: pulumi.output(issuerUrl(args.publicUrl, args.realm.name)),
          clientId: client.clientId,
          clientSecret: pulumi.secret(clientSecret),
          ...(args.certificateAuthority !== undefined && { certificateAuthority: args.certificateAuthority }),
          ready: [job],
        },
      ]),
    );
    this.registerOutputs({});
  }

  /** The login of one of the clients given in the arguments. */
  client(key: Client): OidcClient {
    const login = this.logins.get(key);
    if (login === undefined) {
      const known = [...this.logins.keys()].join(", ");
      throw new pulumi.ResourceError(`The realm has no client "${key}"; it has: ${known}.`, this);
    }
    return login;
  }
}

/** Address that a realm's tokens name as their issuer. @param publicUrl with the relative path */
function issuerUrl(publicUrl: string, realm: string): string {
  return `${publicUrl}/realms/${encodeURIComponent(realm)}`;
}

interface RealmPodObjects {
  readonly serviceAccountName: pulumi.Input<string>;
  /** ConfigMap with the scripts. */
  readonly scriptsName: pulumi.Input<string>;
  /** Secret with the realm and the administrator's login. */
  readonly secretName: pulumi.Input<string>;
}

function realmPod(image: ResolvedImage, url: string, objects: RealmPodObjects): types.input.core.v1.PodSpec {
  return restrictedPod({
    identity: { uid: USER },
    serviceAccountName: objects.serviceAccountName,
    containers: [
      {
        name: CONTAINER,
        image,
        command: ["python3", "-B", `${SCRIPT_DIRECTORY}/${SCRIPT_FILE}`],
        env: [
          { name: "KEYCLOAK_URL", value: url },
          { name: "REALM_FILE", value: `${SECRET_DIRECTORY}/${REALM_FILE}` },
          { name: "ADMINISTRATOR_FILES", value: SECRET_DIRECTORY },
        ],
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
        volumeMounts: [
          { name: "scripts", mountPath: SCRIPT_DIRECTORY, readOnly: true },
          { name: "secrets", mountPath: SECRET_DIRECTORY, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "scripts", configMap: { name: objects.scriptsName } },
      { name: "secrets", secret: { secretName: objects.secretName, defaultMode: 0o440 } },
    ],
  });
}
