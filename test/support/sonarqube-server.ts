import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sonarVariables } from "../../components/inspection/sonarqube-pod";
import { sonarqubeDistribution } from "../../sandbox/servers/java-servers";
import { mavenArchive } from "../../sandbox/servers/maven-archive";
import { freePort } from "./free-port";

/** The search engine refuses to run as root; any other user will do. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** The unpacked SonarQube, or why there is none. */
export function sonarqubeArchive(): ReturnType<typeof mavenArchive> {
  return spawnSync("java", ["-version"]).status === 0 ? mavenArchive(sonarqubeDistribution) : { reason: "java" };
}

/** Who calls: user name or token, and password. */
export type SonarLogin = readonly [user: string, password: string];

/**
 * A real SonarQube on free loopback ports, with the variables that pods have. Its database is the one inside of it and
 * ends with it. As in the pod it may write to four of its directories only.
 */
export class SonarQubeServer {
  private port = 0;
  /** What it wrote down. */
  log = "";
  private readonly home: string;
  private readonly folder = mkdtempSync(join(tmpdir(), "platform-sonarqube-"));
  private process: ChildProcess | undefined;

  /** @param source folder of the unpacked archive, which is not written to */
  constructor(source: string) {
    this.home = join(this.folder, "home");
    chmodSync(this.folder, 0o755);
    // Hard links cost no time and no space; where the two lie on different disks it has to be a copy.
    const copied = [["-al"], ["-a"]].some(([how = ""]) => spawnSync("cp", [how, source, this.home]).status === 0);
    if (!copied) {
      throw new Error(`${source} cannot be copied to ${this.home}.`);
    }
    for (const name of ["data", "extensions", "logs", "temp"]) {
      const directory = join(this.home, name);
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
      if (unprivileged.uid !== undefined) {
        chownSync(directory, unprivileged.uid, unprivileged.gid);
      }
    }
  }

  /** Base address, once {@link choosePort} has run. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the search engine was told. */
  get searchSettings(): string {
    return readFileSync(join(this.home, "temp", "conf", "es", "elasticsearch.yml"), "utf8");
  }

  /** Finds the port that {@link start} will use. */
  async choosePort(): Promise<void> {
    this.port = await freePort();
  }

  /** Starts it; {@link untilUp} waits for it. */
  async start(): Promise<void> {
    const { PATH, JAVA_HOME } = process.env;
    const [search, database] = [await freePort(), await freePort()];
    const jar = readdirSync(join(this.home, "lib")).find((name) => name.startsWith("sonar-application-")) ?? "";
    this.process = spawn("java", ["-Xmx64m", "-jar", join("lib", jar), "-Dsonar.log.console=true"], {
      ...unprivileged,
      cwd: this.home,
      detached: true, // a process group of its own, since it starts others
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...(PATH !== undefined && { PATH }),
        ...(JAVA_HOME !== undefined && { JAVA_HOME }),
        HOME: this.home,
        ...sonarVariables({ kernel: "noMemoryMap", heaps: { web: 512, computeEngine: 256, search: 256 } }),
        SONAR_WEB_HOST: "127.0.0.1",
        SONAR_WEB_PORT: String(this.port),
        SONAR_SEARCH_PORT: String(search),
        SONAR_EMBEDDEDDATABASE_PORT: String(database),
      },
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (text: Buffer) => {
        this.log += text.toString();
      });
    }
  }

  /** @throws when it ends instead */
  async untilUp(): Promise<void> {
    while (!(await this.isUp())) {
      if (this.process === undefined || !isRunning(this.process)) {
        throw new Error(`SonarQube ended while it started. Its log:\n${this.log}`);
      }
      await sleep(200);
    }
  }

  /** Calls the web API. @param parameters query of a GET, form of a POST */
  call(
    method: "GET" | "POST",
    path: string,
    [user, password]: SonarLogin,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const form = new URLSearchParams(parameters);
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    return method === "GET"
      ? fetch(`${this.url}${path}?${form}`, { headers: { authorization } })
      : fetch(`${this.url}${path}`, { method, headers: { authorization }, body: form });
  }

  /** What a GET shows. @throws when it is refused */
  async shown<T>(path: string, login: SonarLogin, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const answer = await this.call("GET", path, login, parameters);
    if (!answer.ok) {
      throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.json() as Promise<T>;
  }

  /** Whether it knows this login. */
  async accepts(login: SonarLogin): Promise<boolean> {
    return (await this.shown<{ valid: boolean }>("/api/authentication/validate", login)).valid;
  }

  async remove(): Promise<void> {
    const child = this.process;
    if (child?.pid !== undefined && isRunning(child)) {
      const ended = once(child, "close");
      process.kill(-child.pid, "SIGKILL"); // its data goes with it, so nothing has to be brought to an end
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }

  private async isUp(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/api/system/status`);
      return ((await answer.json()) as { status: string }).status === "UP";
    } catch {
      return false; // nothing listens yet
    }
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
