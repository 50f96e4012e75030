import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../stacks/render";
import { environmentOf } from "../support/portal-suite";
import { find, renderSettings } from "../support/render-settings";
import { sampleSshKey } from "../support/sample-pem";

const key = sampleSshKey();
const terraman = { enabled: true, sshPrivateKey: key, machines: ["10.0.0.10/32", "10.9.0.0/16"] };
const broker = { enabled: true, exposure: { type: "nodePort" } };

/** The whole of K-PaaS with Harbor, from settings. */
const render = (kpaas: Record<string, unknown>): Promise<Manifest[]> =>
  renderSettings({ openchecker: { enabled: false }, harbor: {}, kpaas: { enabled: true, ...kpaas } }, ["kpaas"]);

test.each([
  ["v1.4.1", { profile: "v1.4.1", nodeAddress: "10.0.0.10", portal: { terraman, broker } }],
  ["v1.6.0", { nodeAddress: "10.0.0.10", portal: { terraman, broker, chaos: { enabled: true } } }],
])("all of %s keeps to every rule of the policy", async (_, kpaas) => {
  const findings = checkManifests(await render(kpaas));
  expect(findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
});

test("the systems name each other alike", async () => {
  const manifests = await render({ profile: "v1.4.1", nodeAddress: "10.0.0.10" });
  const portal = environmentOf(manifests, "cp-portal-api");
  expect(find(manifests, "Service", "vault").metadata.namespace).toBe(portal["VAULT_IP"]?.split(".")[1]);
  const database = environmentOf(manifests, "cp-portal-common-api")["DATABASE_URL"]?.split(".")[0] ?? "";
  expect(find(manifests, "Service", database).metadata.namespace).toBe("mariadb");
  expect(environmentOf(manifests, "cp-portal-ui")["KEYCLOAK_URI"]).toBe("http://10.0.0.10:32710");
});

test.each(["cp-portal-ui", "cp-portal-service-broker"])(
  "%s reaches Keycloak by its node port from every node",
  async (application) => {
    const settings = { profile: "v1.4.1", nodeAddress: "10.0.0.10", portal: { broker } };
    const policy = find(await render(settings), "NetworkPolicy", `network-cp-portal-${application}-deployment`);
    const ports = [32701, 32710].map((port) => ({ protocol: "TCP", port }));
    expect(policy["spec"]).toMatchObject({
      egress: expect.arrayContaining([{ to: [{ ipBlock: { cidr: "10.0.0.10/32" } }], ports }]),
    });
  },
);

test("Harbor has the project of the portal's images", async () => {
  const manifests = await render({});
  const state = manifests.filter(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.namespace === "harbor-system",
  );
  expect(JSON.stringify(state)).toContain("cp-portal-repository");
});
