import { imageAssumptions } from "../../catalog/image-assumptions";
import { images as catalogue, type ImageName, imageNames } from "../../catalog/images";
import type { SettingPath } from "./paths";
import type { Settings } from "./schema";
import type { RuleInput, Violation } from "./violation";

/** Overrides of images that could be pulled and would not start. */
export function imageRules({ settings }: RuleInput): Violation[] {
  return [...assumptionRules(settings), ...harborRules(settings), ...openhandsRules(settings)];
}

const at = (name: ImageName): SettingPath => ["images", "overrides", name, "tag"];

/**
 * The tag that a stack gives an image; absent where it takes the catalogue's, or names a digest only. A tag says nothing
 * about an image of somebody's own, that is one under another name than the catalogue's, with or without a mirror's before it.
 */
function ownTag({ images }: Settings, name: ImageName): string | undefined {
  const override = images.overrides[name];
  const { repository } = catalogue[name];
  const own = override?.repository;
  return own === undefined || own === repository || own.endsWith(`/${repository}`) ? override?.tag : undefined;
}

function assumptionRules(settings: Settings): Violation[] {
  return imageNames.flatMap((name) => {
    const tag = ownTag(settings, name);
    return (imageAssumptions[name] ?? [])
      .filter(({ tags }) => tag !== undefined && tags.test(tag))
      .map(({ reason, instead }) => ({ paths: [at(name)] as const, reason, remedy: instead }));
  });
}

/** The parts of Harbor are released, and migrate their database, as one set. */
function harborRules(settings: Settings): Violation[] {
  const { harbor } = settings;
  if (!harbor.enabled || harbor.external !== undefined) {
    return [];
  }
  const parts = imageNames.filter((name) => name.startsWith("harbor-"));
  const tags = new Set(parts.map((name) => ownTag(settings, name) ?? catalogue[name].tag));
  const [first, ...others] = parts.filter((name) => ownTag(settings, name) !== undefined).map(at);
  return first === undefined || tags.size === 1
    ? []
    : [
        {
          paths: [first, ...others],
          reason: "The parts of Harbor would be of different versions, which speak and store differently.",
          remedy: `Give all of them the same tag: ${parts.join(", ")}.`,
        },
      ];
}

/** The application and its sandboxes speak a protocol that changes with every version. */
function openhandsRules(settings: Settings): Violation[] {
  const [application, runtime] = [ownTag(settings, "openhands"), ownTag(settings, "openhands-runtime")];
  const version = (tag: string): string => /^\d+\.\d+/.exec(tag)?.[0] ?? tag;
  return settings.openhands.enabled &&
    application !== undefined &&
    runtime !== undefined &&
    version(application) !== version(runtime)
    ? [
        {
          paths: [at("openhands"), at("openhands-runtime")],
          reason: "The application and its sandboxes have to be of the same version.",
          remedy: "Give both tags that begin with the same version.",
        },
      ]
    : [];
}
