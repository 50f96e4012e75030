import type { types } from "@pulumi/kubernetes";
import type { ImageName } from "../../catalog/images";
import type { ResolvedImage } from "../../catalog/resolve";
import type { LanguageModelEndpoint, OidcClient, RegistryEndpoint } from "../../components/contracts";
import { publicUrl } from "../../components/exposure/exposure";
import type { RealmClient } from "../../components/identity/keycloak-realm-document";
import { spreadOverNodes } from "../../components/kubernetes/affinity";
import { outside } from "../../components/openhands/egress";
import { externalLanguageModel } from "../../components/openhands/external-language-model";
import { loginRedirect } from "../../components/openhands/login-proxy";
import { applicationPodLabels } from "../../components/openhands/names";
import { OpenHands } from "../../components/openhands/openhands";
import type { OpenHandsArgs } from "../../components/openhands/openhands-args";
import type { Settings } from "../settings";
import type { OpenHandsSettings } from "../settings/openhands";
import type { Registry } from "./harbor";
import type { Site } from "./site";

/** Pod Security of the namespace of the sandboxes, whose pods the application makes. */
const BASELINE_REASON =
  "OpenHands runs its sandboxes as root and without a seccomp profile; `baseline` and an admission policy keep them off the node.";
const PRIVILEGED_REASON = "The stack's settings let sandboxes run privileged or use what belongs to their node.";

/** Address that people use, without a slash at the end; undefined where it is not known beforehand. */
export function openHandsUrl({ url, exposure }: OpenHandsSettings): string | undefined {
  return url ?? publicUrl(exposure);
}

/** The client at the platform's own identity provider, where people log in there. */
export function openHandsClients({ openhands }: Settings): { openhands?: RealmClient } {
  const url = openHandsUrl(openhands);
  return openhands.enabled && openhands.login.enabled && url !== undefined
    ? {
        openhands: {
          clientId: "openhands",
          displayName: "OpenHands",
          redirectUris: [loginRedirect(url)],
          webOrigins: [],
        },
      }
    : {};
}

/** OpenHands with its login and the namespace of its sandboxes. */
export function composeOpenHands(
  site: Site,
  { registry, client }: { readonly registry?: Registry | undefined; readonly client?: OidcClient | undefined },
): void {
  const { openhands, cluster, lifecycle } = site.settings;
  const { exposure, login, sandbox, registryProject } = openhands;
  const nodeAccess = sandbox.privileged || sandbox.hostAccess;
  const pull = registryProject === undefined ? undefined : registry?.pull(registryProject);
  const system = new OpenHands(
    "openhands",
    {
      ...openhands,
      namespace: site.namespace(openhands.namespace, "openhands", { holdsData: true }),
      sandboxNamespace: site.namespace(openhands.sandboxNamespace, "openhands", {
        holdsData: true,
        hasPods: false,
        podSecurity: nodeAccess ? "privileged" : "baseline",
        exceptions: { "pod-security-restricted": nodeAccess ? PRIVILEGED_REASON : BASELINE_REASON },
      }),
      image: imageOf(site, "openhands", "openhands", pull),
      sandboxImage: imageOf(site, "openhands-runtime", "runtime", pull),
      registry: pull,
      python: site.image("python"),
      placement: {
        nodeSelector: openhands.nodeSelector,
        affinity: affinityOf(openhands),
        tolerations: openhands.tolerations,
      },
      sandbox: { ...sandbox, editorDomain: sandbox.editor?.domain },
      sandboxPolicy: sandboxPolicyOf(site, openhands),
      languageModel: languageModelOf(site, openhands),
      egress: outsideOf(site.settings, openhands.egress, openhands.blockedCidrs),
      login: login.enabled ? { ...login, client: required(client), image: site.image("oauth2-proxy") } : undefined,
      url: openHandsUrl(openhands),
      ingress: site.ingress,
      issuer: site.issuerFor(exposure),
      clusterDomain: cluster.domain,
      dns: cluster.dns,
      kubernetesApi: site.kubernetesApi,
      lifecycle,
    },
    site.options,
  );
  site.add("openhands", system);
}

/** Nobody gets past a login that could not be made. */
function required(client: OidcClient | undefined): OidcClient {
  if (client === undefined) {
    throw new Error(
      "OpenHands asks for a login, and there is no identity provider; the settings should have refused that.",
    );
  }
  return client;
}

/** An image of the catalogue, or the copy of it in a project of Harbor. */
function imageOf(site: Site, name: ImageName, repository: string, pull: RegistryEndpoint | undefined): ResolvedImage {
  const image = site.image(name);
  if (pull === undefined) {
    return image;
  }
  const suffix = image.reference.slice(image.reference.search(/[:@][^/]*$/));
  return { ...image, reference: `${pull.host}/${pull.project}/${repository}${suffix}` };
}

function sandboxPolicyOf(site: Site, { sandbox }: OpenHandsSettings): OpenHandsArgs["sandboxPolicy"] {
  const { quota, hostAccess, runtimeClass, editor } = sandbox;
  return {
    quota,
    hostAccess,
    runtimeClass,
    certificate: certificateOf(site, editor),
    egress: outsideOf(site.settings, sandbox.egress, sandbox.blockedCidrs),
  };
}

function certificateOf(site: Site, editor: OpenHandsSettings["sandbox"]["editor"]) {
  switch (editor?.tls.from) {
    case "selfMade":
      return { issuer: site.ownIssuer() };
    case "secret":
      return { secretName: editor.tls.secretName };
    default:
      return undefined;
  }
}

function languageModelOf(site: Site, openhands: OpenHandsSettings): LanguageModelEndpoint | undefined {
  const { languageModel, blockedCidrs } = openhands;
  return languageModel && externalLanguageModel(languageModel, closedRanges(site.settings, blockedCidrs));
}

function outsideOf(
  settings: Settings,
  servers: OpenHandsSettings["egress"],
  blockedCidrs: readonly string[],
): OpenHandsArgs["egress"] {
  const blocked = closedRanges(settings, blockedCidrs);
  return servers.map((server) => outside({ ...server, blocked }));
}

/** What is never the Internet: the given ranges, pods, Services, and the API server where the settings say where it is. */
function closedRanges({ cluster }: Settings, blockedCidrs: readonly string[]): string[] {
  const apiServer = cluster.apiServer.cidrs.filter((range) => !range.endsWith("/0"));
  return [...blockedCidrs, ...cluster.podCidrs, ...cluster.serviceCidrs, ...apiServer];
}

/** The settings' short form of an affinity in that of Kubernetes, besides which several pods avoid each other's nodes. */
function affinityOf({ affinity }: Pick<OpenHandsSettings, "affinity">): types.input.core.v1.Affinity | undefined {
  if (affinity === undefined) {
    return undefined;
  }
  const { nodes, near, apart, namespaces } = affinity;
  const term = (labels: Readonly<Record<string, string>>) => ({
    topologyKey: "kubernetes.io/hostname",
    labelSelector: { matchLabels: { ...labels } },
    ...(namespaces !== undefined && { namespaces: [...namespaces] }),
  });
  return {
    ...(nodes !== undefined && {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: Object.entries(nodes).map(([key, values]) => ({
                key,
                operator: "In",
                values: [...values],
              })),
            },
          ],
        },
      },
    }),
    ...(near !== undefined && {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term(near) }],
      },
    }),
    podAntiAffinity: {
      ...spreadOverNodes(applicationPodLabels).podAntiAffinity,
      ...(apart !== undefined && { requiredDuringSchedulingIgnoredDuringExecution: [term(apart)] }),
    },
  };
}
