import * as pulumi from "@pulumi/pulumi";
import { IsolatedNamespace } from "../../components/isolation/isolated-namespace";
import { NetworkIsolation } from "../../components/isolation/network-isolation";
import type { ProfileName } from "../../components/kpaas/profiles";
import { scmManagerNamespace } from "../../components/kpaas/scm-manager-pod";
import { sourceControlApplications } from "../../components/kpaas/source-control-applications";
import { sourceControlProfiles } from "../../components/kpaas/source-control-environment";
import { SourceControlSuite } from "../../components/kpaas/source-control-suite";
import type { SourceControlSuiteArgs } from "../../components/kpaas/source-control-suite-args";
import type { Manifest } from "../../stacks/render";
import { databaseLogin, inNamespace, portalClient, registry } from "./portal-suite";
import { type RenderedComponent, renderComponent } from "./render-component";
import { find } from "./render-settings";

type SuiteArgs = Omit<SourceControlSuiteArgs, "namespace">;

const NAMESPACE = "cp-source-control";

const byIngress: Pick<
  SuiteArgs,
  "exposure" | "urls" | "managerReachedThrough" | "keycloakNode" | "certificateAuthority"
> = {
  exposure: {
    type: "ingress",
    host: "scm.apps.example.org",
    tls: { from: "secret", secretName: "apps-example-org-tls" },
  },
  urls: { ui: "https://scm.apps.example.org", manager: "https://scm.apps.example.org" },
  managerReachedThrough: {
    system: "Ingress controller",
    ports: [443],
    peer: inNamespace("ingress-nginx", "ingress-nginx"),
  },
  keycloakNode: undefined,
  certificateAuthority: undefined,
};

const node = (ports: readonly number[]) => ({ system: "Node ports", ports, peer: { cidrs: ["10.0.0.10/32"] } });

const byNodePort: typeof byIngress = {
  exposure: { type: "nodePort" },
  urls: { ui: "http://10.0.0.10:30094", manager: "http://10.0.0.10:30092" },
  managerReachedThrough: node([30092]),
  keycloakNode: node([32710]),
  certificateAuthority: undefined,
};

/** Arguments of a suite as the stacks give them, with everything that is optional switched off. */
export function sourceControlArgs(profile: ProfileName): SuiteArgs {
  const images = sourceControlApplications.map((application) => [
    application,
    { repository: `cp-source-control-repository/${application}`, tag: "latest", pullPolicy: "Always", pullSecrets: [] },
  ]);
  return {
    profile: sourceControlProfiles[profile],
    registry,
    images: Object.fromEntries(images) as SuiteArgs["images"],
    architecture: "amd64",
    awaitReady: false,
    database: databaseLogin("cp-source-control-api"),
    identity: {
      client: portalClient,
      realm: "cp-realm",
      administratorRole: "cp-cluster-admin-role",
      administratorGroup: "cp-cluster-admin",
    },
    manager: { storage: { size: "5Gi" }, administrator: undefined },
    ...(profile === "v1.4.1" ? byNodePort : byIngress),
    ingress: {
      className: "nginx",
      controller: { namespace: "ingress-nginx", podLabels: { app: "ingress-nginx" } },
      awaitAddress: false,
    },
    clusterDomain: "cluster.local",
    resources: {},
    lifecycle: { protectData: false, retainData: false },
    broker: undefined,
  };
}

/** The same with everything there is. */
export function wholeSourceControl(profile: ProfileName): SuiteArgs {
  const args = sourceControlArgs(profile);
  return {
    ...args,
    ...(profile === "v1.6.0" && { certificateAuthority: pulumi.output("authority of the domain") }),
    manager: {
      storage: { size: "20Gi", class: "fast" },
      administrator: { username: "scmadmin", password: pulumi.secret("password-of-scm-manager") },
    },
    broker: {
      database: databaseLogin("cp-source-control-broker"),
      keycloakAdministrator: { username: "root", password: pulumi.secret("keycloak-password") },
      exposure: { type: "nodePort" },
      clients: undefined,
    },
  };
}

export interface RenderedSourceControl extends RenderedComponent {
  readonly suite: SourceControlSuite;
}

/** Renders a suite in its namespace, with the network policies that follow. */
export async function renderSourceControl(
  makeArgs: () => SuiteArgs,
  options: pulumi.ComponentResourceOptions = {},
): Promise<RenderedSourceControl> {
  const made: SourceControlSuite[] = [];
  const rendered = await renderComponent(() => {
    const namespace = new IsolatedNamespace(NAMESPACE, {
      namespace: NAMESPACE,
      system: "source-control",
      podSecurity: "baseline",
      exceptions: scmManagerNamespace,
    });
    const suite = new SourceControlSuite("source-control", { ...makeArgs(), namespace }, options);
    const dns = { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } };
    new NetworkIsolation("network", { ...suite, dns, namespaces: [namespace] });
    made.push(suite);
  });
  const [suite] = made;
  if (suite === undefined) {
    throw new Error("Nothing was made.");
  }
  return { ...rendered, suite };
}

interface PolicyPeer {
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly ipBlock?: { readonly cidr: string };
}

const nameOf = ({ podSelector, ipBlock }: PolicyPeer) => podSelector?.matchLabels["app"] ?? ipBlock?.cidr ?? "dns";

/** Who may open connections to an application, and what it may open them to: labels `app`, or address ranges. */
export function peersOf(
  manifests: readonly Manifest[],
  application: string,
): { readonly callers: string[]; readonly called: string[] } {
  const { spec } = find(manifests, "NetworkPolicy", `network-${NAMESPACE}-${application}-deployment`) as unknown as {
    spec: { ingress?: { from: PolicyPeer[] }[]; egress?: { to: PolicyPeer[] }[] };
  };
  return {
    callers: (spec.ingress ?? []).flatMap(({ from }) => from.map(nameOf)).sort(),
    called: (spec.egress ?? [])
      .flatMap(({ to }) => to.map(nameOf))
      .filter((peer) => peer !== "dns")
      .sort(),
  };
}
