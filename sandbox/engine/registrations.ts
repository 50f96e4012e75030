import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { compactKey, completeForProgram } from "../providers/kubernetes/compact-state";
import type { PropertyMap } from "../providers/protocol/property-values";

type Answer = (error: Error | null, response: RegisterResourceResponse) => void;

/** Hears of every resource that a program registers, before the engine does. */
export type RegistrationListener = (request: RegisterResourceRequest) => void;

let listener: RegistrationListener | undefined;
let isInstalled = false;

/**
 * Stands between the program, which runs in this process, and the engine: gives the program whole outputs where the
 * state holds compact ones, and tells the listener what is registered. The SDK has no place for either, except
 * transformations, which see no outputs.
 *
 * @param hears undefined: nobody listens any more
 */
export function watchRegistrations(hears: RegistrationListener | undefined): void {
  listener = hears;
  if (isInstalled) return;
  isInstalled = true;
  const prototype = ResourceMonitorClient.prototype as { registerResource: (...args: never[]) => unknown };
  const send = prototype.registerResource as (
    this: unknown,
    request: RegisterResourceRequest,
    ...rest: unknown[]
  ) => unknown;
  prototype.registerResource = function (this: unknown, request: RegisterResourceRequest, ...rest: unknown[]) {
    listener?.(request);
    const answer = rest.pop() as Answer;
    const complete: Answer = (error, response) => {
      if (error === null && response !== undefined) completeResponse(request, response);
      answer(error, response);
    };
    return send.call(this, request, ...rest, complete);
  };
}

function completeResponse(request: RegisterResourceRequest, response: RegisterResourceResponse): void {
  const outputs = response.getObject();
  if (outputs === undefined || !outputs.getFieldsMap().has(compactKey)) return;
  const given = (request.getObject()?.toJavaScript() ?? {}) as PropertyMap;
  response.setObject(Struct.fromJavaScript(completeForProgram(outputs.toJavaScript() as PropertyMap, given)));
}
