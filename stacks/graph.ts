import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkPlace } from "../components/contracts";
import { configuredValues } from "./configured-values";
import { deployPlatform } from "./platform";
import { recordProgram } from "./render/recording-monitor";
import { readStackFile } from "./render/stack-file";
import { parseSettings } from "./settings";

/** All pods of a stack and what they may reach, without engine and cluster. */
export async function stackNetwork(stack: string, folder: string = resolve(__dirname, "..")): Promise<NetworkPlace> {
  let network: NetworkPlace = { workloads: [], connections: [] };
  await recordProgram(
    async () => {
      const settings = parseSettings({ stack: pulumi.getStack(), ...configuredValues() });
      network = deployPlatform(stack, settings, {}).network;
    },
    readStackFile(folder, stack),
  );
  return network;
}
