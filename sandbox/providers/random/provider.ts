import { GeneratedResourceProvider } from "../generated/provider";
import type { ResourceProvider } from "../protocol/resource-provider";
import { randomBytesKind, randomIdKind, randomUuidKind } from "./identifiers";
import { randomPasswordKind, randomStringKind } from "./text";

/** Provider of the package `random`. */
export function randomProvider(): ResourceProvider {
  return new GeneratedResourceProvider({
    "random:index/randomBytes:RandomBytes": randomBytesKind,
    "random:index/randomId:RandomId": randomIdKind,
    "random:index/randomPassword:RandomPassword": randomPasswordKind,
    "random:index/randomString:RandomString": randomStringKind,
    "random:index/randomUuid:RandomUuid": randomUuidKind,
  });
}
