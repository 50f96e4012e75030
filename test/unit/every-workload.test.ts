import { profileNames } from "../../components/kpaas/profiles";
import type { Manifest } from "../../stacks/render";
import { podSpecOf } from "../support/pod-spec";
import { renderWholePlatform } from "../support/whole-platform";

/** Images that have a user of the number, or whose programs never look their user up; with the reason. */
const knownUsers: Readonly<Record<string, string>> = {
  chartmuseum: "its own user",
  "harbor-bootstrap": "Python's standard library",
  "registry-node-preparation": "root",
  "kubekloud-api": "its own user",
  "kubekloud-tenant-guard": "Python's standard library",
  keycloak: "its own user",
  "cp-keycloak": "its own user",
  mariadb: "its own user",
  "cp-mariadb": "its own user",
  "nfs-client-provisioner": "a Go program that asks nobody",
  openhands: "its own user",
  "openhands-login": "a Go program that asks nobody",
  postgres: "its own user",
  "rabbitmq-server": "its own user",
  sonarqube: "its own user",
  vault: "its own user",
  "cp-pipeline-jenkins-deployment": "its own user",
  "cp-source-control-manager-deployment": "root",
  "openchecker-main": "Python, which gets its home as a variable",
};

describe.each(profileNames)("with everything that there is, and K-PaaS %s,", (profile) => {
  let manifests: Manifest[];

  beforeAll(async () => {
    manifests = await renderWholePlatform(profile);
  });

  test("no StatefulSet keeps a broken pod from being repaired", () => {
    const sets = manifests.filter(({ kind }) => kind === "StatefulSet");
    expect(sets.length).toBeGreaterThan(6);
    const inOrder = sets.filter(({ spec }) => (spec as Record<string, unknown>)["podManagementPolicy"] !== "Parallel");
    expect(inOrder.map(({ metadata }) => metadata.name)).toEqual([]);
  });

  test("every user that no image knows is made known", () => {
    const unknown = manifests.flatMap((manifest) => {
      const pod = podSpecOf(manifest) as { volumes?: { name: string }[] } | undefined;
      const { name } = manifest.metadata;
      const harborPart = manifest.metadata.namespace === "harbor-system"; // images of one family, with users of their own
      const job = manifest.kind === "Job" || manifest.kind === "CronJob"; // Python, or the server's own image
      const made = pod?.volumes?.some((volume) => volume.name === "account") === true;
      return pod === undefined || made || job || harborPart || name in knownUsers ? [] : [name];
    });
    expect(unknown).toEqual([]);
  });
});
