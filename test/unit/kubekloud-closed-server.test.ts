import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverCommand } from "../../components/kubekloud/user-administration";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const whenPython = testWith("python3", hasPython);

const ingress = { type: "ingress", host: "api.example.com", tls: { from: "none" } } as const;
const closed = { open: false, allowedSources: [] };
const guarded = { open: false, allowedSources: ["10.1.0.0/24"] };

/** Asks the application as uvicorn would, and prints the status of each answer. */
const fakeUvicorn = `
import asyncio, json, sys
def run(application, host, port):
    statuses = []
    async def send(message):
        if "status" in message:
            statuses.append(message["status"])
    for path, client, forwarded in json.load(sys.stdin):
        headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
        scope = {"type": "http", "path": path, "client": (client, 1), "headers": headers}
        asyncio.run(application(scope, None, send))
    print(json.dumps({"host": host, "port": port, "statuses": statuses}))
`;

import { testWith } from "../support/requirements";

const fakeApplication = `
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
`;

type Request = [path: string, client: string, forwardedFor: string];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "platform-closed-server-"));
  writeFileSync(join(folder, "uvicorn.py"), fakeUvicorn);
  writeFileSync(join(folder, "main.py"), fakeApplication);
});
afterAll(() => rmSync(folder, { recursive: true }));

function answers([, ...args]: readonly string[], requests: readonly Request[]): number[] {
  const { stdout, stderr } = spawnSync("python3", ["-B", ...args], {
    cwd: folder,
    input: JSON.stringify(requests),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const { host, port, statuses } = JSON.parse(stdout);
  expect({ host, port }).toEqual({ host: "0.0.0.0", port: 8000 });
  return statuses;
}

const outside = "10.244.1.5";

whenPython(
  "nobody outside of the pod gets to the user administration, whatever the spelling and the controller",
  () => {
    const requests: Request[] = [
      ["/api/v1/users", outside, ""],
      ["/api/v1/users/", outside, "198.51.100.7"],
      ["/api/v1/users/\n", outside, "198.51.100.7"],
      // What uvicorn makes of a header that a client wrote itself.
      ["/api/v1/users/", "127.0.0.1", "127.0.0.1"],
    ];
    expect(answers(serverCommand(closed, ingress), requests)).toEqual([403, 403, 403, 403]);
    expect(answers(serverCommand(closed, { type: "clusterIp" }), requests)).toEqual([403, 403, 403, 403]);
  },
);

whenPython("port-forward, and everything else for everybody, stays open", () => {
  const requests: Request[] = [
    ["/api/v1/users/", "127.0.0.1", ""],
    ["/api/v1/users/me", outside, "198.51.100.7"],
    ["/health", outside, ""],
  ];
  expect(answers(serverCommand(closed, ingress), requests)).toEqual([200, 200, 200]);
});

whenPython("where the ingress lets administrators in, only the spellings that it does not know are closed", () => {
  const requests: Request[] = [
    ["/api/v1/users", outside, "10.1.0.9"],
    ["/api/v1/users/", outside, "10.1.0.9"],
    ["/api/v1/users/\n", outside, "198.51.100.7"],
  ];
  expect(answers(serverCommand(guarded, ingress), requests)).toEqual([200, 200, 403]);
});

test("an open user administration, and that of a load balancer, is served as it is", () => {
  const plain = ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"];
  expect(serverCommand({ ...closed, open: true }, ingress)).toEqual(plain);
  expect(serverCommand(closed, { type: "loadBalancer", allowedSources: ["10.0.0.0/8"] })).toEqual(plain);
});
