import { terminalProgress } from "../progress";
import { fetchArchive, type MavenArchive } from "./maven-archive";

/**
 * A process of its own: `fetch-maven-archive ARCHIVE`, the archive as JSON. Prints the reason where the repository did
 * not give it, and nothing when it is there.
 */
fetchArchive(JSON.parse(process.argv[2] ?? "") as MavenArchive, terminalProgress()).then(
  (reason) => process.stdout.write(reason ?? ""),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
