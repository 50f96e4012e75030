import type { PropertyMap } from "../../protocol/property-values";
import type { EngineLog } from "../../protocol/resource-provider";
import type { ObjectStore } from "../object-store";
import type { NotReadyError } from "./not-ready";

export class ReadinessWaiter {
  constructor(
    readonly store: ObjectStore,
    readonly log: EngineLog,
    readonly cancelled: AbortSignal,
  ) {}

  async wait(
    live: PropertyMap,
    _inputs: PropertyMap,
    _request: { readonly urn: string; readonly timeout: number },
  ): Promise<PropertyMap> {
    return live;
  }

  async problem(_live: PropertyMap, _inputs: PropertyMap): Promise<NotReadyError | undefined> {
    return undefined;
  }
}
