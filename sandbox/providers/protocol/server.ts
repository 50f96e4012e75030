import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { checkResponse, diffResponse, fromStruct, grpcError, toStruct } from "./messages";
import type { CheckRequest, ProviderFactory, ResourceProvider } from "./resource-provider";
import { Sessions } from "./sessions";

/** The engine's own limit for one message. */
const maximumMessageBytes = 400 * 1024 * 1024;

export interface PackageServerOptions {
  /** Package name as it stands in type tokens, e.g. `random`. */
  readonly name: string;
  /** Version of the official provider whose behaviour it follows. */
  readonly version: string;
  readonly factory: ProviderFactory;
  /** Gets every error that an operation ended with; must not throw. */
  readonly reportFailure: (operation: string, error: Error) => void;
}

/** Serves one Pulumi package on a free port of 127.0.0.1 and gives the port. */
export async function servePackage(options: PackageServerOptions): Promise<number> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maximumMessageBytes,
    "grpc.max_send_message_length": maximumMessageBytes,
  });
  server.addService(ResourceProviderService, service(options));
  return await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

type Operation<Request, Response> = (provider: ResourceProvider, request: Request, peer: string) => Promise<Response>;

/** Operations that are missing here (components, streams, mappings) answer UNIMPLEMENTED. */
function service({ name, version, factory, reportFailure }: PackageServerOptions) {
  const sessions = new Sessions(factory, (error) => reportFailure("log", error));

  function unary<Request, Response>(
    operation: string,
    handle: Operation<Request, Response>,
  ): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const peer = call.getPeer();
      sessions
        .provider(peer)
        .then((provider) => handle(provider, call.request, peer))
        .then(
          (response) => callback(null, response),
          (error: Error) => {
            // The answer first: whatever becomes of the report, the engine must learn what happened.
            callback(grpcError(error));
            reportFailure(operation, error);
          },
        );
    };
  }

  return {
    ...resourceOperations(unary),
    handshake: unary("Handshake", async (_, request: messages.ProviderHandshakeRequest, peer) => {
      sessions.attach(peer, request.getEngineAddress());
      return new messages.ProviderHandshakeResponse().setAcceptSecrets(true).setSupportsAutonamingConfiguration(true);
    }),
    attach: unary("Attach", async (_, request, peer) => {
      sessions.attach(peer, request.getAddress());
      return new Empty();
    }),
    getPluginInfo: unary("GetPluginInfo", async () => new PluginInfo().setVersion(version)),
    getSchema: unary("GetSchema", async () =>
      new messages.GetSchemaResponse().setSchema(JSON.stringify({ name, version })),
    ),
    configure: unary("Configure", async (provider, request: messages.ConfigureRequest) => {
      await provider.configure(fromStruct(request.getArgs()));
      return new messages.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    invoke: unary("Invoke", async (_, request: messages.InvokeRequest) => {
      throw new Error(
        `The function ${request.getTok()} is not available: the builtin ${name} provider serves resources only. ` +
          "Declare the objects as resources, or run with the official provider.",
      );
    }),
    construct: unary("Construct", async (_, request: messages.ConstructRequest) => {
      throw new Error(
        `The component ${request.getType()} is not available: the builtin ${name} provider serves plain resources ` +
          "only. Declare each object as a resource of its own, or run with the official provider.",
      );
    }),
  } satisfies Partial<IResourceProviderServer>;
}

/** Turns one handler of plain requests into a gRPC handler. */
type Unary = <Request, Response>(
  operation: string,
  handle: Operation<Request, Response>,
) => grpc.handleUnaryCall<Request, Response>;

function resourceOperations(unary: Unary) {
  return {
    checkConfig: unary("CheckConfig", async (provider, request: messages.CheckRequest) =>
      checkResponse(await provider.checkConfig(fromStruct(request.getNews()))),
    ),
    diffConfig: unary("DiffConfig", async (provider, request: messages.DiffRequest) =>
      diffResponse(await provider.diffConfig(fromStruct(request.getOldInputs()), fromStruct(request.getNews()))),
    ),
    check: unary("Check", async (provider, request: messages.CheckRequest) =>
      checkResponse(await provider.check(checkRequest(request))),
    ),
    diff: unary("Diff", async (provider, request: messages.DiffRequest) =>
      diffResponse(
        await provider.diff({
          ...identity(request),
          id: request.getId(),
          oldInputs: fromStruct(request.getOldInputs()),
          oldOutputs: fromStruct(request.getOlds()),
          newInputs: fromStruct(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        }),
      ),
    ),
    create: unary("Create", async (provider, request: messages.CreateRequest) => {
      const { id, outputs } = await provider.create({
        ...identity(request),
        inputs: fromStruct(request.getProperties()),
        timeout: request.getTimeout(),
        preview: request.getPreview(),
      });
      return new messages.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    read: unary("Read", async (provider, request: messages.ReadRequest) => {
      const found = await provider.read({
        ...identity(request),
        id: request.getId(),
        inputs: fromStruct(request.getInputs()),
        outputs: fromStruct(request.getProperties()),
      });
      if (found === undefined) return new messages.ReadResponse();
      const { id, inputs, outputs } = found;
      return new messages.ReadResponse().setId(id).setInputs(toStruct(inputs)).setProperties(toStruct(outputs));
    }),
    update: unary("Update", async (provider, request: messages.UpdateRequest) => {
      const { outputs } = await provider.update({
        ...identity(request),
        id: request.getId(),
        oldInputs: fromStruct(request.getOldInputs()),
        oldOutputs: fromStruct(request.getOlds()),
        newInputs: fromStruct(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
        timeout: request.getTimeout(),
        preview: request.getPreview(),
      });
      return new messages.UpdateResponse().setProperties(toStruct(outputs));
    }),
    delete: unary("Delete", async (provider, request: messages.DeleteRequest) => {
      await provider.delete({
        ...identity(request),
        id: request.getId(),
        inputs: fromStruct(request.getOldInputs()),
        outputs: fromStruct(request.getProperties()),
        timeout: request.getTimeout(),
      });
      return new Empty();
    }),
    cancel: unary("Cancel", async (provider) => {
      provider.cancel();
      return new Empty();
    }),
  } satisfies Partial<IResourceProviderServer>;
}

function identity(request: { getUrn(): string; getName(): string; getType(): string }) {
  return { urn: request.getUrn(), name: request.getName(), type: request.getType() };
}

function checkRequest(request: messages.CheckRequest): CheckRequest {
  const autonaming = request.getAutonaming();
  const { DISABLE } = messages.CheckRequest.AutonamingOptions.Mode;
  return {
    ...identity(request),
    oldInputs: fromStruct(request.getOlds()),
    newInputs: fromStruct(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
    ...(autonaming && {
      autonaming: { proposedName: autonaming.getProposedName(), disabled: autonaming.getMode() === DISABLE },
    }),
  };
}
