import * as pulumi from "@pulumi/pulumi";
import type { LanguageModelEndpoint } from "../contracts";
import { type OutsideFacts, outside } from "./egress";

export interface ExternalLanguageModel {
  /** Model with its provider in front, in LiteLLM's words. */
  readonly model: string;
  /** Base address of the server's API, http or https. @default the address that the provider's own client knows */
  readonly url?: string | undefined;
  /** Secret. */
  readonly apiKey: pulumi.Input<string>;
  /** Address ranges of the server. @default the Internet */
  readonly cidrs: readonly string[];
}

const INTERNET = ["0.0.0.0/0"];

/**
 * The contract for a language model that somebody else runs.
 * @param blocked ranges that stay closed where the model is somewhere on the Internet
 */
export function externalLanguageModel(
  facts: ExternalLanguageModel,
  blocked: OutsideFacts["blocked"],
): LanguageModelEndpoint {
  const { model, url, apiKey, cidrs } = facts;
  return {
    ...outside({
      name: "Language model",
      cidrs: cidrs.length > 0 ? cidrs : INTERNET,
      ports: [url === undefined ? 443 : portOf(url)],
      blocked,
    }),
    model,
    ...(url !== undefined && { url }),
    apiKey: pulumi.secret(apiKey),
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "http:" ? 80 : 443) : Number(port);
}
