import { type Client, Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService, type IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceRequest, GetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import { getEngine, resetOptions } from "@pulumi/pulumi/runtime/settings";
import { separateConnections } from "../../sandbox/engine/connections";
import { freePort } from "../support/free-port";

const clients: Client[] = [];
const server = new Server();

afterAll(() => {
  for (const client of clients) client.close();
  server.forceShutdown();
});

/** What a program of a new run hears from its engine at this port. */
function ask(port: number): Promise<string> {
  resetOptions("project", "stack", 1, `127.0.0.1:${port}`, "", false, "organization");
  const engine = getEngine();
  if (engine === undefined) throw new Error("The SDK has no connection to an engine.");
  clients.push(engine as unknown as Client);
  return new Promise((resolve) => {
    engine.getRootResource(new GetRootResourceRequest(), (error, answer) =>
      resolve(error === null ? answer.getUrn() : error.details),
    );
  });
}

test("a run reaches its engine even at the port of an earlier one that is gone", async () => {
  separateConnections();
  const port = await freePort();
  expect(await ask(port)).toContain("ECONNREFUSED");

  const getRootResource: IEngineServer["getRootResource"] = (_, reply) =>
    reply(null, new GetRootResourceResponse().setUrn("the new engine"));
  server.addService(EngineService, { getRootResource });
  await new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve(undefined) : reject(error),
    );
  });
  expect(await ask(port)).toBe("the new engine");
});
