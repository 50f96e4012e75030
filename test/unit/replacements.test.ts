import { resolve } from "node:path";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import { profileNames } from "../../components/kpaas/profiles";
import { recordConfiguration } from "../../stacks/render";
import type { Registration } from "../../stacks/render/recording-monitor";
import { readStackFile, stackNames } from "../../stacks/render/stack-file";
import { referencesOf } from "../support/object-references";
import { renderComponent } from "../support/render-component";
import { deletedWith, isDeletedFirst } from "../support/replacement-cascade";
import { wholePlatform } from "../support/whole-platform";

/**
 * What else the engine deletes when it has to replace an object. The rule that keeps this empty: names that are known
 * beforehand travel as plain text, waiting is `dependsOn`, and `deleteBeforeReplace` stands only where a name is fixed.
 */
const ROOT = resolve(__dirname, "../..");
const operators = { context: "test", capabilities: { certManager: true, keda: true, prometheusOperator: true } };
const variants = {
  ...Object.fromEntries(stackNames(ROOT).map((stack) => [stack, readStackFile(ROOT, stack)])),
  ...Object.fromEntries(
    profileNames.map((profile) => [
      `with everything of K-PaaS ${profile}`,
      wholePlatform(profile, { cluster: operators }),
    ]),
  ),
};

const kindOf = ({ inputs }: Registration) => String(inputs["kind"]);
const metadataOf = ({ inputs }: Registration) => (inputs["metadata"] ?? {}) as { name?: string; namespace?: string };
const isObject = ({ type }: Registration) => type.startsWith("kubernetes:");
const isNamed = (each: Registration) => isObject(each) && metadataOf(each).name !== undefined;

/**
 * Kinds that may take others with them. The cluster does not delete a claim that pods use, nor a volume that a claim is
 * bound to, and a claim never gets another volume: whoever uses it has to stop, and starts again with the new one.
 */
const takesUsersAlong = ["PersistentVolume", "PersistentVolumeClaim"];

/** Whether it is the claim of this volume, or its pods mount this claim. */
function uses(user: Registration, used: Registration): boolean {
  const { name } = metadataOf(used);
  return kindOf(user) === "PersistentVolumeClaim"
    ? (user.inputs["spec"] as { volumeName?: string }).volumeName === name
    : referencesOf(user).some((each) => each.kind === "PersistentVolumeClaim" && each.name === name);
}

/** Ingress controllers take a certificate whenever it is there; a StatefulSet makes its pods without its Service. */
function comesWhenItComes(user: Registration, kind: string): boolean {
  return (kindOf(user) === "Ingress" && kind === "Secret") || (kindOf(user) === "StatefulSet" && kind === "Service");
}

describe.each(Object.entries(variants))("in the platform %s", (_, environment) => {
  let registrations: readonly Registration[];

  beforeAll(async () => {
    registrations = await recordConfiguration(environment);
    expect(registrations.length).toBeGreaterThan(300);
  });

  test("no object takes others with it when it is replaced, but for volumes and claims in use", () => {
    const taken = registrations
      .filter((each) => each.custom && isDeletedFirst(each))
      .flatMap((root) => {
        const others = deletedWith(root, registrations);
        const chain = [root, ...others];
        const unexpected = others.filter(
          (each) => !takesUsersAlong.includes(kindOf(root)) || !chain.some((used) => uses(each, used)),
        );
        return unexpected.map((each) => `${root.name} → ${kindOf(each)} ${each.name}`);
      });
    expect(taken).toEqual([]);
  });

  test("nothing is made of the outputs of an object with a fixed name", () => {
    const fixed = new Map(
      registrations
        .filter((each) => isNamed(each) && !["Namespace", ...takesUsersAlong].includes(kindOf(each)))
        .map((each) => [each.urn, each.name]),
    );
    const edges = registrations.flatMap(({ name, propertyDependencies }) =>
      Object.entries(propertyDependencies).flatMap(([property, urns]) =>
        urns.flatMap((urn) => (fixed.has(urn) ? [`${fixed.get(urn)} → ${property} of ${name}`] : [])),
      ),
    );
    expect(edges).toEqual([]);
  });

  test("only objects whose name is fixed are deleted before they are replaced, and no Job", () => {
    const wrong = registrations.filter(
      (each) => each.options.deleteBeforeReplace === true && (!isNamed(each) || kindOf(each) === "Job"),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("what an object names is there before it", () => {
    const byUrn = new Map(registrations.map((each) => [each.urn, each]));
    const needed = new Map<string, ReadonlySet<string>>();
    const closure = (urn: string): ReadonlySet<string> => {
      const known = needed.get(urn);
      if (known !== undefined) {
        return known;
      }
      const all = new Set<string>();
      needed.set(urn, all);
      for (const dependency of byUrn.get(urn)?.dependencies ?? []) {
        all.add(dependency);
        for (const each of closure(dependency)) {
          all.add(each);
        }
      }
      return all;
    };
    const key = (kind: string, namespace: string | undefined, name: string) => `${kind} ${namespace ?? ""}/${name}`;
    const objects = new Map(
      registrations.filter(isNamed).map((each) => {
        const { namespace, name = "" } = metadataOf(each);
        return [key(kindOf(each), namespace, name), each.urn] as const;
      }),
    );
    const early = registrations.flatMap((each) =>
      referencesOf(each).flatMap(({ kind, namespace, name }) => {
        const urn = objects.get(key(kind, namespace, name));
        return urn === undefined || urn === each.urn || comesWhenItComes(each, kind) || closure(each.urn).has(urn)
          ? []
          : [`${each.name} does not wait for ${key(kind, namespace, name)}`];
      }),
    );
    expect(early).toEqual([]);
  });
});

test("a name that travels as an output is found", async () => {
  const { registrations } = await renderComponent(() => {
    const service = new Service("service", { metadata: { name: "fixed" } }, { deleteBeforeReplace: true });
    const labels = { app: "a" };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: "a", env: [{ name: "HOST", value: service.metadata.name }] }] },
    };
    new Deployment("uses", { spec: { selector: { matchLabels: labels }, template } });
    const plain = { ...template, spec: { containers: [{ name: "a" }] } };
    new Deployment("waits", { spec: { selector: { matchLabels: labels }, template: plain } }, { dependsOn: service });
  });
  const [service] = registrations.filter(({ name }) => name === "service");
  expect(service && isDeletedFirst(service)).toBe(true);
  expect(service && deletedWith(service, registrations).map(({ name }) => name)).toEqual(["uses"]);
});
