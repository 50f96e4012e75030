import * as grpc from "@grpc/grpc-js";
import {
  CheckFailure as CheckFailureMessage,
  CheckResponse,
  DiffResponse,
  ErrorResourceInitFailed,
  PropertyDiff,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { PropertyMap } from "./property-values";
import { type CheckResult, type DiffResult, InitializationError, type PropertyDifference } from "./resource-provider";

/** A protobuf struct as plain JSON; empty when the engine left the field out. */
export function fromStruct(struct: Struct | undefined): PropertyMap {
  return struct === undefined ? {} : (struct.toJavaScript() as PropertyMap);
}

export function toStruct(map: PropertyMap): Struct {
  return Struct.fromJavaScript(map);
}

export function checkResponse({ inputs, failures = [] }: CheckResult): CheckResponse {
  const messages = failures.map(({ property, reason }) =>
    new CheckFailureMessage().setProperty(property).setReason(reason),
  );
  return new CheckResponse().setInputs(toStruct(inputs)).setFailuresList(messages);
}

const differenceKinds = {
  add: { inPlace: PropertyDiff.Kind.ADD, replace: PropertyDiff.Kind.ADD_REPLACE },
  delete: { inPlace: PropertyDiff.Kind.DELETE, replace: PropertyDiff.Kind.DELETE_REPLACE },
  update: { inPlace: PropertyDiff.Kind.UPDATE, replace: PropertyDiff.Kind.UPDATE_REPLACE },
};

function propertyDiff({ kind, replace }: PropertyDifference): PropertyDiff {
  const kinds = differenceKinds[kind];
  // A deleted property is only visible between the inputs: the old outputs may still have it.
  return new PropertyDiff().setKind(replace ? kinds.replace : kinds.inPlace).setInputdiff(kind === "delete");
}

export function diffResponse({ differences, deleteBeforeReplace = false }: DiffResult): DiffResponse {
  const entries = [...differences];
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  const response = new DiffResponse()
    .setChanges(entries.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setReplacesList(entries.filter(([, difference]) => difference.replace).map(([path]) => path))
    .setDiffsList([...new Set(entries.map(([path]) => path.replace(/[.[].*$/s, "")))])
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const [path, difference] of entries) response.getDetaileddiffMap().set(path, propertyDiff(difference));
  return response;
}

/** The gRPC form of an error; an {@link InitializationError} carries the state of the half-ready object. */
export function grpcError(error: unknown): grpc.ServiceError | Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof InitializationError) {
    const { id, outputs, inputs, reasons } = error.details;
    const failed = new ErrorResourceInitFailed()
      .setId(id)
      .setProperties(toStruct(outputs))
      .setReasonsList([...reasons]);
    if (inputs) failed.setInputs(toStruct(inputs));
    const detail = new Any();
    detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([detail]);
    metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
