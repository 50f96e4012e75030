import type { Pulling } from "../../catalog/resolve";
import { loginCommand, type PushedImage } from "../../components/registry/pushed-image";
import type { SuiteImages } from "../settings/kpaas-suite";

/** The image of each application of a suite. */
export function imagesOf<const Application extends string>(
  applications: readonly Application[],
  { project, tag: commonTag, overrides }: SuiteImages<Application>,
  pulled: Pulling,
): Record<Application, PushedImage> {
  const image = (application: Application): PushedImage => {
    const { repository = application, tag = commonTag, digest } = overrides[application] ?? {};
    return { repository: `${project}/${repository}`, tag, ...(digest !== undefined && { digest }), ...pulled };
  };
  return Object.fromEntries(applications.map((application) => [application, image(application)])) as Record<
    Application,
    PushedImage
  >;
}

/** A suite, for people. */
export interface NamedSuite {
  /** As in "The applications of …". */
  readonly name: string;
  /** Page of the documentation that tells of its images. */
  readonly page: string;
}

/**
 * How people bring the images of a suite into the registry, for the stack's readme.
 * @param references what the pushes have to call them
 * @param username of a login that may push
 */
export function pushNote(
  { name, page }: NamedSuite,
  references: readonly string[],
  host: string,
  username: string | undefined,
): string {
  const images = references.map((reference) => `\`${reference}\``).join(", ");
  return (
    `The applications of ${name} start once their images are in the registry; they come from the archive of the release ` +
    `(${page}). After \`${loginCommand(host, username)}\` load them, tag them as follows and push them: ${images}`
  );
}
