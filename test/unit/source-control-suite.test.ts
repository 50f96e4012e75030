import type * as pulumi from "@pulumi/pulumi";
import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../stacks/render";
import { podOf } from "../support/portal-suite";
import { find } from "../support/render-settings";
import { peersOf, renderSourceControl, sourceControlArgs, wholeSourceControl } from "../support/source-control-suite";

const MANAGER = "cp-source-control-manager";

/** Port of every application, as upstream's manifests have them, and the node port that the platform opens. */
const ports: readonly [application: string, port: number, nodePort: number | undefined][] = [
  ["cp-source-control-api", 8091, undefined],
  [MANAGER, 8080, 30092],
  ["cp-source-control-broker", 8093, 30093],
  ["cp-source-control-ui", 8094, 30094],
];

interface ServiceSpec {
  readonly type: string;
  readonly ports: readonly { readonly port: number; readonly nodePort?: number }[];
  readonly selector: unknown;
}

const serviceOf = (manifests: readonly Manifest[], application: string) =>
  find(manifests, "Service", `${application}-service`)["spec"] as ServiceSpec;

test("names, labels, ports and images are upstream's", async () => {
  const { manifests, suite } = await renderSourceControl(() => wholeSourceControl("v1.6.0"));
  for (const [application, port] of ports) {
    expect(serviceOf(manifests, application)).toMatchObject({ selector: { app: application }, ports: [{ port }] });
    expect(find(manifests, "Deployment", `${application}-deployment`)["spec"]).toMatchObject({
      replicas: 1,
      selector: { matchLabels: { app: application } },
    });
    expect(podOf(manifests, application)).toMatchObject({
      imagePullSecrets: [{ name: "cp-regcred" }],
      automountServiceAccountToken: false,
      nodeSelector: { "kubernetes.io/arch": "amd64" },
      containers: [
        {
          name: application,
          image: `harbor.example.org/cp-source-control-repository/${application}:latest`,
          ports: [{ containerPort: port }],
          readinessProbe: { tcpSocket: { port: "http" } },
        },
      ],
    });
  }
  expect(suite.imageReferences).toEqual(
    ports.map(([application]) => `harbor.example.org/cp-source-control-repository/${application}:latest`).sort(),
  );
});

test("SCM-Manager is root without root's privileges, the others are not root", async () => {
  const { manifests } = await renderSourceControl(() => wholeSourceControl("v1.6.0"));
  expect(podOf(manifests, MANAGER)).toMatchObject({
    securityContext: { runAsUser: 0, runAsNonRoot: false, seccompProfile: { type: "RuntimeDefault" } },
    containers: [{ securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } }],
  });
  for (const application of ["cp-source-control-api", "cp-source-control-broker", "cp-source-control-ui"]) {
    expect(podOf(manifests, application)).toMatchObject({ securityContext: { runAsUser: 1000, runAsNonRoot: true } });
  }
});

test("the repositories lie in a volume that one pod at a time has, guarded as the stack wants it", async () => {
  const guarded: [type: string, protect: unknown, retain: unknown][] = [];
  const watch: pulumi.ResourceTransformation = ({ type, opts: { protect, retainOnDelete } }) => {
    if (protect === true || retainOnDelete === true) {
      guarded.push([type, protect, retainOnDelete]);
    }
    return undefined;
  };
  const lifecycle = { protectData: true, retainData: true };
  const { manifests } = await renderSourceControl(() => ({ ...wholeSourceControl("v1.6.0"), lifecycle }), {
    transformations: [watch],
  });
  expect(find(manifests, "PersistentVolumeClaim", MANAGER)["spec"]).toEqual({
    accessModes: ["ReadWriteOnce"],
    storageClassName: "fast",
    resources: { requests: { storage: "20Gi" } },
  });
  expect(find(manifests, "Deployment", `${MANAGER}-deployment`)["spec"]).toMatchObject({
    strategy: { type: "Recreate" },
  });
  expect(podOf(manifests, MANAGER)).toMatchObject({
    volumes: expect.arrayContaining([{ name: "repositories", persistentVolumeClaim: { claimName: MANAGER } }]),
    containers: [{ volumeMounts: expect.arrayContaining([{ name: "repositories", mountPath: "/root/.scm" }]) }],
  });
  expect(guarded).toEqual([["kubernetes:core/v1:PersistentVolumeClaim", true, true]]);
});

interface IngressSpec {
  readonly tls: readonly unknown[];
  readonly rules: readonly {
    readonly host: string;
    readonly http: {
      readonly paths: readonly {
        readonly path: string;
        readonly pathType: string;
        readonly backend: { readonly service: { readonly name: string } };
      }[];
    };
  }[];
}

/** Which Service an address leads to, by the rules of the Ingress API: whole parts of the path, the longest wins. */
function routeOf(manifests: readonly Manifest[], address: string): string | undefined {
  const { hostname, pathname } = new URL(address);
  const within = (path: string) => path === "/" || pathname === path || pathname.startsWith(`${path}/`);
  return manifests
    .filter(({ kind }) => kind === "Ingress")
    .flatMap((ingress) => (ingress["spec"] as IngressSpec).rules)
    .filter(({ host }) => host === hostname)
    .flatMap(({ http }) => http.paths)
    .filter(({ path, pathType }) => pathType === "Prefix" && within(path))
    .sort((one, other) => other.path.length - one.path.length)[0]?.backend.service.name;
}

test.each([
  ["/", "cp-source-control-ui-service"],
  ["/repositories/user/abc", "cp-source-control-ui-service"],
  ["/scmanything", "cp-source-control-ui-service"],
  ["/scm", `${MANAGER}-service`],
  ["/scm/", `${MANAGER}-service`],
  ["/scm/git/project", `${MANAGER}-service`],
])("the address %s leads to %s", async (path, service) => {
  const { manifests } = await renderSourceControl(() => sourceControlArgs("v1.6.0"));
  expect(routeOf(manifests, `https://scm.apps.example.org${path}`)).toBe(service);
});

test("pushes of any size and length pass the ingress controller, and TLS has the certificate of the domain", async () => {
  const { manifests } = await renderSourceControl(() => sourceControlArgs("v1.6.0"));
  expect(find(manifests, "Ingress", `${MANAGER}-ingress`).metadata.annotations).toMatchObject({
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
    "nginx.ingress.kubernetes.io/ssl-redirect": "true",
  });
  for (const application of [MANAGER, "cp-source-control-ui"]) {
    expect(find(manifests, "Ingress", `${application}-ingress`)["spec"]).toMatchObject({
      tls: [{ hosts: ["scm.apps.example.org"], secretName: "apps-example-org-tls" }],
    });
  }
});

test("node ports are open for people and the Cloud Foundry, and never for the API, which asks for no login", async () => {
  const { manifests } = await renderSourceControl(() => wholeSourceControl("v1.4.1"));
  const opened = ports.map(([application, port]) => [
    application,
    port,
    serviceOf(manifests, application).ports[0]?.nodePort,
  ]);
  expect(opened).toEqual(ports);
  expect(serviceOf(manifests, "cp-source-control-api").type).toBe("ClusterIP");
  expect(manifests.filter(({ kind }) => kind === "Ingress")).toEqual([]);
});

test("everybody reaches and is reached by those whom it works with, and nobody else", async () => {
  const { manifests } = await renderSourceControl(() => ({
    ...wholeSourceControl("v1.6.0"),
    broker: {
      ...brokerOfWholeSuite(),
      exposure: { type: "clusterIp" },
      clients: { namespace: "cf-system", podLabels: { app: "cloud-controller" } },
    },
  }));
  expect(peersOf(manifests, "cp-source-control-api")).toEqual({
    callers: ["cp-source-control-broker", MANAGER, "cp-source-control-ui"],
    called: [MANAGER, "ingress-nginx", "mariadb"],
  });
  expect(peersOf(manifests, MANAGER)).toEqual({
    callers: ["cp-source-control-api", "cp-source-control-broker", "ingress-nginx"],
    called: ["cp-source-control-api"],
  });
  expect(peersOf(manifests, "cp-source-control-ui")).toEqual({
    callers: ["ingress-nginx"],
    called: ["cp-source-control-api", "ingress-nginx"],
  });
  expect(peersOf(manifests, "cp-source-control-broker")).toEqual({
    callers: ["cloud-controller"],
    called: ["cp-source-control-api", MANAGER, "ingress-nginx", "mariadb"],
  });
});

test("those who call a port of the node may reach the node, too", async () => {
  const { manifests } = await renderSourceControl(() => sourceControlArgs("v1.4.1"));
  expect(peersOf(manifests, "cp-source-control-api").called).toEqual(["10.0.0.10/32", MANAGER, "mariadb"]);
  expect(peersOf(manifests, "cp-source-control-ui").called).toContain("10.0.0.10/32");
  expect(peersOf(manifests, MANAGER).called).toEqual(["cp-source-control-api"]);
});

function brokerOfWholeSuite() {
  const { broker } = wholeSourceControl("v1.6.0");
  if (broker === undefined) {
    throw new Error("The whole suite has a broker.");
  }
  return broker;
}

test("programs trust the private authorities of the servers that they call", async () => {
  const { manifests } = await renderSourceControl(() => wholeSourceControl("v1.6.0"));
  const { data } = find(manifests, "ConfigMap", "cp-source-control-authorities") as unknown as { data: object };
  expect(Object.keys(data)).toEqual(["keycloak.crt", "source-control.crt"]);
  for (const application of ["cp-source-control-api", "cp-source-control-broker", "cp-source-control-ui"]) {
    expect(podOf(manifests, application).initContainers).toMatchObject([{ name: "truststore" }]);
  }
  const open = (await renderSourceControl(() => sourceControlArgs("v1.4.1"))).manifests;
  // It calls neither Keycloak nor anything else behind TLS there.
  expect(podOf(open, "cp-source-control-api").initContainers).toBeUndefined();
});

test("the broker is an option", async () => {
  const { manifests, suite } = await renderSourceControl(() => sourceControlArgs("v1.6.0"));
  expect(JSON.stringify(manifests)).not.toContain("cp-source-control-broker");
  expect(suite.imageReferences).toHaveLength(3);
});

test.each([
  ["v1.4.1, as small as it gets", () => sourceControlArgs("v1.4.1")],
  ["v1.4.1 with everything", () => wholeSourceControl("v1.4.1")],
  ["v1.6.0, as small as it gets", () => sourceControlArgs("v1.6.0")],
  ["v1.6.0 with everything", () => wholeSourceControl("v1.6.0")],
] as const)("%s keeps to every rule of the policy", async (_, args) => {
  const { manifests } = await renderSourceControl(args);
  const found = checkManifests(manifests).map(({ rule, message }) => `${rule}: ${message}`);
  expect(found).toEqual([]);
});
