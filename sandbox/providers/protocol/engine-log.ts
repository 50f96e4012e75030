import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { EngineLog } from "./resource-provider";

const severities = { info: LogSeverity.INFO, warning: LogSeverity.WARNING };

/**
 * Opens a channel back to the engine for messages to the user. `reportFailure` gets what could not be delivered: a
 * lost message must not fail the operation that it is about.
 */
export function connectEngineLog(address: string, reportFailure: (error: Error) => void): EngineLog {
  // Earlier engines, of this port perhaps, are gone; what gRPC has learned of them is nothing to go by.
  const options = { "grpc.use_local_subchannel_pool": 1 };
  const client = new EngineClient(address, grpc.credentials.createInsecure(), options);
  // One after the other: a status that overtakes the next one would stay on the screen.
  let sent: Promise<void> = Promise.resolve();
  return (severity, urn, message, ephemeral = false) => {
    const request = new LogRequest()
      .setSeverity(severities[severity])
      .setUrn(urn)
      .setMessage(message)
      .setEphemeral(ephemeral);
    sent = sent.then(() => send(client, request)).catch(reportFailure);
    return sent;
  };
}

function send(client: EngineClient, request: LogRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    client.log(request, (error) => (error ? reject(error) : resolve()));
  });
}
