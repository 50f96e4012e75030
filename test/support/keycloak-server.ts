import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type KeycloakFacts,
  keycloakSecretKeys,
  keycloakVariables,
  managementPaths,
} from "../../components/identity/keycloak-configuration";
import { writableFolders } from "../../components/identity/keycloak-pod";
import { type KeycloakVersion, keycloakDistribution } from "../../sandbox/servers/java-servers";
import { mavenArchive } from "../../sandbox/servers/maven-archive";
import { freePort } from "./free-port";

/** Who administers the servers of tests. */
export const administrator = { username: "admin", password: "Password-of-the-administrator" } as const;

/** The unpacked Keycloak, or why there is none. */
export function keycloakArchive(version: KeycloakVersion): ReturnType<typeof mavenArchive> {
  const java = spawnSync("java", ["-version"]);
  if (java.status !== 0) {
    return { reason: "java" };
  }
  return mavenArchive(keycloakDistribution(version));
}

/** A real Keycloak in production mode on free loopback ports. */
export class KeycloakServer {
  private port = 0;
  private managementPort = 0;
  private startedAt = 0;
  /** What it wrote down. */
  log = "";
  private readonly home = mkdtempSync(join(tmpdir(), "platform-keycloak-"));
  private process: ChildProcess | undefined;

  /**
   * @param archive folder of the unpacked archive, which is not written to
   * @param database a schema of its own, and the login there
   * @param relativePath where its paths begin
   */
  constructor(
    private readonly archive: string,
    private readonly database: Omit<KeycloakFacts["database"], "poolSize"> & { readonly password: string },
    private readonly relativePath: KeycloakFacts["relativePath"],
  ) {
    // Nearly all is linked. What decides where Keycloak is at home, and what its start builds anew, is a copy.
    for (const name of ["conf", "providers", "themes", "version.txt", "lib/lib", "lib/app"]) {
      mkdirSync(dirname(join(this.home, name)), { recursive: true });
      symlinkSync(join(archive, name), join(this.home, name));
    }
    for (const name of ["bin/kc.sh", "lib/quarkus-run.jar", "lib/quarkus"]) {
      cpSync(join(archive, name), join(this.home, name), { recursive: true });
    }
  }

  /** Finds the ports that {@link start} will use. */
  async choosePorts(): Promise<void> {
    [this.port, this.managementPort] = await Promise.all([freePort(), freePort()]);
  }

  /** Base address with the relative path. */
  get url(): string {
    return `http://127.0.0.1:${this.port}${this.relativePath}`;
  }

  /** Starts it with the variables that pods have; {@link untilReady} waits for it. */
  start(): void {
    const { PATH, JAVA_HOME } = process.env;
    this.startedAt = Date.now();
    this.process = spawn("sh", [join(this.home, "bin", "kc.sh"), "start"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...(PATH !== undefined && { PATH }),
        ...(JAVA_HOME !== undefined && { JAVA_HOME }),
        HOME: this.home,
        ...this.variables(),
        KC_HTTP_HOST: "127.0.0.1",
        KC_HTTP_PORT: String(this.port),
        KC_HTTP_MANAGEMENT_HOST: "127.0.0.1",
        KC_HTTP_MANAGEMENT_PORT: String(this.managementPort),
      },
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (text: Buffer) => {
        this.log += text.toString();
      });
    }
  }

  /** Those of a pod, but for the other pods. */
  private variables(): Record<string, string> {
    const ofPod = keycloakVariables({
      publicUrl: this.url,
      relativePath: this.relativePath,
      behindProxy: false,
      database: { ...this.database, poolSize: 10 },
      clusterHost: "none",
    });
    return {
      ...ofPod,
      [keycloakSecretKeys.databasePassword]: this.database.password,
      ...Object.fromEntries(keycloakSecretKeys.administrators.map((key) => [key, administrator.username])),
      ...Object.fromEntries(keycloakSecretKeys.administratorPasswords.map((key) => [key, administrator.password])),
      KC_CACHE: "local",
      JAVA_OPTS_APPEND: "-Xmx512m", // otherwise a share of the machine's memory
    };
  }

  /** Asks what the readiness probe asks. @throws when it ends instead */
  async untilReady(): Promise<void> {
    while (!(await this.isReady())) {
      if (this.process === undefined || !isRunning(this.process)) {
        throw new Error(`Keycloak ended while it started. Its log:\n${this.log}`);
      }
      await sleep(200);
    }
  }

  /** Files that it has changed since its start, but for the folders that a pod can write to. */
  changedFiles(): string[] {
    const writable = Object.values(writableFolders);
    return [this.home, this.archive].flatMap((root) =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .filter((file) => !writable.some((folder) => file.startsWith(`${folder}/`)))
        .filter((file) => statSync(join(root, file)).mtimeMs > this.startedAt),
    );
  }

  /** What the management port says. @param path with a slash in front */
  management(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.managementPort}${path}`);
  }

  /** The admin API, as the administrator of the realm `master`. @param path below `/admin/realms` */
  async manage(method: string, path: string, body?: unknown): Promise<Response> {
    const answer = await fetch(`${this.url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.administratorToken()}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer;
  }

  /** What the admin API shows. */
  async shown<T>(path: string): Promise<T> {
    return (await this.manage("GET", path)).json() as Promise<T>;
  }

  async remove(): Promise<void> {
    const child = this.process;
    if (child !== undefined && isRunning(child)) {
      child.kill("SIGTERM");
      await once(child, "close");
    }
    rmSync(this.home, { recursive: true });
  }

  /** A new one each time: they live a minute. */
  private async administratorToken(): Promise<string> {
    const answer = await fetch(`${this.url}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "password", client_id: "admin-cli", ...administrator }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await this.management(managementPaths.ready)).ok;
    } catch {
      return false; // nothing listens yet
    }
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
