import { withProxyBuffers } from "../../components/exposure/proxy-buffers";
import { ingressRules } from "../../policy/rules/ingresses";
import { type Manifest, renderStack } from "../../stacks/render";
import { type BusyBuffers, nginxInstalled, nginxRefusal } from "../support/ingress-nginx";
import { describeWith } from "../support/requirements";
import { renderWholePlatform } from "../support/whole-platform";

const withNginx = describeWith("nginx", nginxInstalled);
const releases: readonly BusyBuffers[] = ["unknown annotation", "8k unless given", "only if given"];

function ingress(annotations: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "web", namespace: "web", annotations },
    spec: { rules: [{ host: "web.example.org", http: { paths: [{ path: "/" }] } }] },
  };
}

const buffers = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`nginx.ingress.kubernetes.io/proxy-${name}`, value]),
  );

withNginx("the real nginx", () => {
  test("takes what a controller of any release makes of every Ingress", async () => {
    const manifests = [...(await renderWholePlatform("v1.6.0")), ...(await renderStack("prod"))];
    const ingresses = manifests.filter(({ kind }) => kind === "Ingress");
    expect(ingresses.length).toBeGreaterThan(8);
    expect(releases.map((release) => nginxRefusal(ingresses, release))).toEqual(releases.map(() => ""));
  });

  test("refuses a large buffer alone, in the releases that fill in the rest", () => {
    const alone = ingress(buffers({ "buffer-size": "16k" }));
    expect(nginxRefusal([alone], "8k unless given")).toContain("proxy_busy_buffers_size");
    expect(nginxRefusal([alone], "only if given")).toBe("");
  });

  test.each([
    { "buffer-size": "16k" },
    { "buffer-size": "128K" },
    { "buffer-size": "1m" },
    { "buffer-size": "16384" },
    { "buffer-size": "16k", "buffers-number": "3" },
    { "buffer-size": "16k", "buffers-number": "8" },
    { "buffer-size": "16k", "busy-buffers-size": "16k" },
  ])("takes the completed set of %j", (values) => {
    const complete = ingress(withProxyBuffers(buffers(values)));
    expect(releases.map((release) => nginxRefusal([complete], release))).toEqual(["", "", ""]);
  });

  test("and the policy are of one opinion", () => {
    const [rule] = ingressRules.filter(({ name }) => name === "ingress-nginx-buffers");
    for (const number of ["2", "3", "4", "8"]) {
      for (const busy of ["4k", "8k", "12k", "16k", "24k", "32k", "40k"]) {
        const each = ingress(buffers({ "buffer-size": "8k", "buffers-number": number, "busy-buffers-size": busy }));
        const allowed = nginxRefusal([each], "only if given") === "";
        expect([number, busy, rule?.check(each, [each]).length === 0]).toEqual([number, busy, allowed]);
      }
    }
  });
});
