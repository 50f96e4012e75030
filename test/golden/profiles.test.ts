import { join } from "node:path";
import { profileNames } from "../../components/kpaas/profiles";
import { manifestFiles } from "../../stacks/render/yaml";
import { renderSettings } from "../support/render-settings";
import { expectGolden } from "./golden-files";

/**
 * K-PaaS in each release with everything that is an option, so that a change of a release's tables shows. The
 * registry is one that somebody else runs: Harbor is in the golden files of the stacks.
 */
const registry = {
  external: {
    host: "registry.example.org",
    cidrs: ["192.0.2.10/32"],
    pull: { username: "cluster", password: "[secret]" },
    push: { username: "ci", password: "[secret]" },
  },
};

const terraman = { enabled: true, sshPrivateKey: "[secret]", machines: ["192.0.2.0/24"] };
const broker = { enabled: true, exposure: { type: "nodePort" } };

const releases = {
  "v1.4.1": { nodeAddress: "192.0.2.1", portal: { terraman, broker } },
  "v1.6.0": {
    domain: "kpaas.example.org",
    nodeAddress: "192.0.2.1",
    portal: { terraman, broker, chaos: { enabled: true } },
  },
} as const;

test.each(profileNames)("K-PaaS %s renders exactly the objects of its golden files", async (profile) => {
  const kpaas = { enabled: true, profile, ...releases[profile] };
  const suite = { enabled: true, broker };
  const cloudFoundry = { url: "https://api.cf.example.org", cidrs: ["192.0.2.20/32"] };
  const internalNodePorts = profile === "v1.4.1";
  const pipeline = { ...suite, internalNodePorts, cloudFoundry, registryAdministrator: { username: "admin", password: "[secret]" } };
  const sections = { kpaas, pipeline, sourceControl: suite, sonarqube: { enabled: true }, harbor: registry };
  const manifests = await renderSettings(sections, ["kpaas", "pipeline", "harbor"]);
  expectGolden(join(__dirname, `kpaas-${profile}`), manifestFiles(manifests));
});
