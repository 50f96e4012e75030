import { execFile } from "node:child_process";
import { join } from "node:path";
import { type MavenArchive, mavenArchive } from "../../sandbox/servers/maven-archive";

/** The scanner that OpenChecker's image has, in the nearest version that Maven Central keeps. */
const archive: MavenArchive = {
  group: "org.sonarsource.scanner.cli",
  artifact: "sonar-scanner-cli",
  version: "6.2.1.4610",
  sha256: "d45e09eecb2fe867ce7548be59d54317192c79944ef7e54c691423c832a8208f",
};

/** The unpacked scanner, or why there is none. */
export function scannerArchive(): ReturnType<typeof mavenArchive> {
  return mavenArchive(archive);
}

/** One analysis. */
export interface Analysis {
  /** Folder of {@link scannerArchive}. */
  readonly scanner: string;
  /** Base address of the server. */
  readonly url: string;
  readonly token: string;
  readonly project: string;
  /** Folder with the code. */
  readonly code: string;
  /** Where the scanner keeps what it gets from the server. */
  readonly home: string;
}

/** Has code analysed as OpenChecker does, with the Java of this machine. Afterwards the server works on the report. */
export function analyse({ scanner, url, token, project, code, home }: Analysis): Promise<{
  readonly code: number | null;
  readonly output: string;
}> {
  const properties = {
    "sonar.host.url": url,
    "sonar.token": token,
    "sonar.projectKey": project,
    "sonar.projectName": project,
    "sonar.sources": ".",
    "sonar.scm.disabled": "true",
    "sonar.scanner.skipJreProvisioning": "true",
    "sonar.userHome": home,
  };
  const { PATH, JAVA_HOME } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      "sh", // Python's way to unpack archives forgets which files are programs
      [
        join(scanner, "bin", "sonar-scanner"),
        ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
      ],
      { cwd: code, env: { PATH, HOME: home, ...(JAVA_HOME !== undefined && { JAVA_HOME }) } },
      (_, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}
