import type { ImageDefinition } from "./definition";
import { programImages } from "./programs";
import { harborNginx, harborRedis, harborRegistry } from "./servers/harbor";
import { mariadb, mariadbLongTermSupport } from "./servers/mariadb";
import { pause } from "./servers/pause";
import { harborDatabase, postgres } from "./servers/postgres";
import { python } from "./servers/python";
import { rabbitmq } from "./servers/rabbitmq";

/** Every image that the sandbox can make, by its name. */
export const imageDefinitions = {
  "harbor-database": harborDatabase,
  "harbor-nginx": harborNginx,
  "harbor-redis": harborRedis,
  "harbor-registry": harborRegistry,
  mariadb,
  "mariadb-10.11": mariadbLongTermSupport,
  pause,
  postgres,
  python,
  rabbitmq,
  ...programImages,
} as const satisfies Record<string, ImageDefinition>;

/** Name of an image that the sandbox can make. */
export type ImageBuildName = keyof typeof imageDefinitions;

/** The names of all of them. */
export const imageBuildNames = Object.keys(imageDefinitions) as ImageBuildName[];
