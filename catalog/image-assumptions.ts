import type { ImageName } from "./images";

/** Why an image of a certain kind cannot run in the pods that are made for an entry of the catalogue. */
export interface ImageAssumption {
  /** Tags that it is about. */
  readonly tags: RegExp;
  /** What happens with such an image, as a sentence. */
  readonly reason: string;
  /** What to take in its place. */
  readonly instead: string;
}

const enterprise = (program: string): ImageAssumption => ({
  tags: /(?:^|[-.])(?:ent|enterprise|developer|datacenter)(?:[-.]|$)/,
  reason: `This edition of ${program} does not start without a licence, for which there is no setting.`,
  instead: "Take the community edition.",
});

const vault: readonly ImageAssumption[] = [
  {
    // 2.0.1 and later: https://hub.docker.com/r/hashicorp/vault
    tags: /^v?(?:2\.0\.(?!0(?:\D|$))\d|2\.[1-9]|[3-9]\.|[1-9]\d+\.)/,
    reason: "From 2.0.1 on the program has file capabilities, and a container without capabilities cannot start it.",
    instead: "Take a version before 2.0.1.",
  },
  { ...enterprise("Vault"), tags: /[-+]ent(?:[-.]|$)/ },
  {
    tags: /-ubi/,
    reason: "This image has other users and paths than the pods are made for.",
    instead: "Take the one without a suffix.",
  },
];

const mariadb: readonly ImageAssumption[] = [
  {
    tags: /-ubi/,
    reason: "This image has other users and paths than the pods are made for.",
    instead: "Take the one without a suffix.",
  },
];

/**
 * What the pods take for granted about images (user, paths, entrypoint), by what a tag says about it. A stack that
 * overrides an entry with such a tag is refused: the image could be pulled and would not start.
 */
export const imageAssumptions: Partial<Readonly<Record<ImageName, readonly ImageAssumption[]>>> = {
  postgres: [
    {
      tags: /^(?!.*alpine)/,
      reason: "The pods run as the user 70 of the images that are built on Alpine; in all others PostgreSQL has 999.",
      instead: "Take a tag that ends in `-alpine`.",
    },
    {
      tags: /^(?:1[89]|[2-9]\d)/,
      reason: "From 18 on the image keeps its data in another directory than the pods mount.",
      instead: "Take a version up to 17.",
    },
  ],
  rabbitmq: [
    {
      tags: /alpine/,
      reason: "The pods run as the user 999; in images that are built on Alpine RabbitMQ has 100.",
      instead: "Take the tag without `-alpine`.",
    },
    {
      tags: /^(?!.*management)/,
      reason: "The image lacks the management interface, by which users and queues are looked after.",
      instead: "Take a tag that ends in `-management`.",
    },
  ],
  mariadb,
  "mariadb-10.11": mariadb,
  sonarqube: [enterprise("SonarQube")],
  python: [
    {
      tags: /windows|nanoserver/,
      reason: "The image is for Windows.",
      instead: "Take one for Linux.",
    },
  ],
  jenkins: [
    {
      tags: /windows|nanoserver/,
      reason: "The image is for Windows.",
      instead: "Take one for Linux.",
    },
  ],
  keycloak: [
    {
      tags: /legacy|^v?(?:[1-9]|1[0-6])(?:\.|$)/,
      reason:
        "Up to 16 and in the legacy images Keycloak runs on WildFly, with another entrypoint and other variables.",
      instead: "Take version 17 or later.",
    },
  ],
  vault,
  "vault-1.11": vault,
  openhands: [
    {
      tags: /^v?(?:[1-9]\d*)\./,
      reason: "From 1.0 on OpenHands has no runtime for Kubernetes.",
      instead: "Take a version of the line 0.",
    },
  ],
};
