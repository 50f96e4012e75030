import { z } from "zod";
import { certificates } from "./certificates";
import { chartmuseum } from "./chartmuseum";
import { cluster } from "./cluster";
import { harbor } from "./harbor";
import { images } from "./images";
import { keycloak } from "./keycloak";
import { kpaas } from "./kpaas";
import { kubekloud } from "./kubekloud";
import { lifecycle } from "./lifecycle";
import { mariadb } from "./mariadb";
import type { DeepPartial } from "./merge";
import { nfs } from "./nfs";
import { openchecker } from "./openchecker";
import { openhands } from "./openhands";
import { pipeline } from "./pipeline";
import { rabbitmq } from "./rabbitmq";
import { sonarqube } from "./sonarqube";
import { sourceControl } from "./source-control";
import { vault } from "./vault";

/** Every setting of a stack: one object per system under the config namespace `platform`. */
export const settingsSchema = z.strictObject({
  preset: z.enum(["dev", "prod"]).meta({
    description:
      "What kind of environment the stack is: the values of stacks/dev.ts or stacks/prod.ts lie under those of the stack file. Absent: the name of the stack, where it is one of these.",
  }),
  cluster,
  // `prefault` and not `default`: an absent section is parsed like an empty one, so its own defaults apply.
  images: images.prefault({}),
  lifecycle: lifecycle.prefault({}),
  certificates: certificates.prefault({}),
  nfs: nfs.prefault({}),
  rabbitmq: rabbitmq.prefault({}),
  sonarqube: sonarqube.prefault({}),
  openchecker,
  harbor: harbor.prefault({}),
  kubekloud: kubekloud.prefault({}),
  kpaas: kpaas.prefault({}),
  mariadb: mariadb.prefault({}),
  keycloak: keycloak.prefault({}),
  vault: vault.prefault({}),
  chartmuseum: chartmuseum.prefault({}),
  pipeline: pipeline.prefault({}),
  sourceControl: sourceControl.prefault({}),
  openhands: openhands.prefault({}),
});

/** The parsed settings of a stack: checked, defaults filled in, secrets wrapped. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings as people write them. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** What an environment means: values that lie under those of the stack file. */
export type Preset = DeepPartial<Omit<SettingsInput, "preset">>;
