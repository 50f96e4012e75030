import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The release whose servers the images hold: PostgreSQL 15, MariaDB 10.11, RabbitMQ 3.10, Redis 7.0, Python 3.11. */
export const DEBIAN_RELEASE = "bookworm";

/** Where apt keeps the sources that Debian's installer writes; the first that names the release counts. */
const OWN_SOURCES = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];

/** Debian's archive keys on a machine that runs something else. */
export const ARCHIVE_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Absolute path of the list of package sources. On Debian of the same release it is the machine's own, for a mirror
 * may be set there; elsewhere it is Debian's public one, written into the cache.
 */
export function packageSources(cache: string, candidates: readonly string[] = OWN_SOURCES): string {
  return ownSources(candidates) ?? writePublicSources(cache);
}

/** The machine's own list of the wanted release, if it has one. */
export function ownSources(candidates: readonly string[] = OWN_SOURCES): string | undefined {
  const named = new RegExp(`^[^#]*\\b${DEBIAN_RELEASE}\\b`, "m");
  return candidates.find((file) => existsSync(file) && named.test(readFileSync(file, "utf8")));
}

function writePublicSources(cache: string): string {
  const file = join(cache, "debian.list");
  const suite = (archive: string, name: string) =>
    `deb [signed-by=${ARCHIVE_KEYRING}] http://deb.debian.org/${archive} ${name} main\n`;
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    file,
    suite("debian", DEBIAN_RELEASE) +
      suite("debian", `${DEBIAN_RELEASE}-updates`) +
      suite("debian-security", `${DEBIAN_RELEASE}-security`),
  );
  return file;
}
