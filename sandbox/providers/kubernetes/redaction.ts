import { isMap, isSecret, mapAt, type PropertyMap, type PropertyValue, reveal } from "../protocol/property-values";
import { isKind } from "./kinds";

/** Shorter texts are not replaced: they would garble every message and are no secret worth the name. */
const minimumLength = 3;

/**
 * Makes a function that hides the secret values of an object in a text. The API server quotes values that it refuses,
 * and a refused Secret must not end up in the terminal or in a log.
 */
export function redactor(inputs: PropertyMap): (message: string) => string {
  const texts = hiddenTexts(inputs);
  return (message) => texts.reduce((redacted, secret) => redacted.replaceAll(secret, "[secret]"), message);
}

/** Makes a function that tells whether a text carries a secret value of an object. */
export function secretFinder(inputs: PropertyMap): (text: string) => boolean {
  const texts = hiddenTexts(inputs);
  return (text) => texts.some((secret) => text.includes(secret));
}

/** Secret values in every form in which they may be quoted. */
function hiddenTexts(inputs: PropertyMap): string[] {
  return (
    [...secretTexts(inputs), ...secretContent(inputs)]
      .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), Buffer.from(text, "utf8").toString("base64")])
      .filter((text) => text.length >= minimumLength)
      // Longest first, so that a part of one secret does not leave the rest of another.
      .sort((left, right) => right.length - left.length)
  );
}

/** Every text inside a secret mark. */
function secretTexts(value: PropertyValue): string[] {
  if (isSecret(value)) return leafTexts(reveal(value));
  if (Array.isArray(value)) return value.flatMap(secretTexts);
  return isMap(value) ? Object.values(value).flatMap(secretTexts) : [];
}

/** Content of a Secret, encoded and decoded. */
function secretContent(inputs: PropertyMap): string[] {
  const object = reveal(inputs);
  if (!isKind(object, "", "Secret")) return [];
  const encoded = leafTexts(mapAt(object, "data"));
  return [
    ...encoded,
    ...encoded.map((text) => Buffer.from(text, "base64").toString("utf8")),
    ...leafTexts(mapAt(object, "stringData")),
  ];
}

function leafTexts(value: PropertyValue): string[] {
  if (Array.isArray(value)) return value.flatMap(leafTexts);
  if (isMap(value)) return Object.values(value).flatMap(leafTexts);
  return value === null || typeof value === "boolean" ? [] : [String(value)];
}
