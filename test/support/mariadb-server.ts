import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port";

/** Debian keeps the server's programs out of the path of users. */
const PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`;

const installed = (program: string) => spawnSync(program, ["--version"], { env: { PATH } }).status === 0;

/** Whether MariaDB is installed from the operating system's packages (`mariadb-server` on Debian). */
export const mariadbInstalled = installed("mariadbd") && installed("mariadb");

/** MariaDB refuses to run as root; any other user will do. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

export interface Ran {
  readonly code: number | null;
  /** Standard output and errors. */
  readonly output: string;
}

/** Who asks. */
export interface Login {
  readonly user: string;
  readonly password: string;
  /** Schema to begin in. @default none */
  readonly database?: string;
}

/** A real MariaDB on a free loopback port, with an administrator as the platform's own servers have one. */
export class MariaDbServer {
  port = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), "platform-mariadb-"));
  private process: ChildProcess | undefined;

  constructor() {
    this.own(this.folder);
  }

  /** Makes an empty data directory as the image does. */
  initialize(): void {
    const arguments_ = [`--datadir=${this.data}`, "--auth-root-authentication-method=normal", "--skip-test-db"];
    const ended = spawnSync("mariadb-install-db", ["--no-defaults", ...arguments_], {
      ...unprivileged,
      env: { PATH },
      encoding: "utf8",
    });
    if (ended.status !== 0) {
      throw new Error(`mariadb-install-db: ${ended.stdout}${ended.stderr}`);
    }
  }

  /** Finds the port that {@link start} will use. */
  async choosePort(): Promise<void> {
    this.port = await freePort();
  }

  /** Starts the server and waits until it takes connections. @param options lines for the option file */
  async start(options = ""): Promise<void> {
    if (this.port === 0) {
      await this.choosePort();
    }
    const own = {
      datadir: this.data,
      socket: join(this.folder, "socket"),
      "pid-file": join(this.folder, "pid"),
      "bind-address": "127.0.0.1",
      port: this.port,
      general_log: 1,
      general_log_file: this.queryLog,
      innodb_flush_log_at_trx_commit: 0,
      innodb_buffer_pool_size: "64M",
    };
    const lines = Object.entries(own).map(([name, value]) => `${name} = ${value}\n`);
    const file = this.file("server.cnf", `${options}\n[mariadbd]\n${lines.join("")}`);
    this.process = spawn("mariadbd", [`--defaults-file=${file}`], {
      ...unprivileged,
      env: { PATH },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    this.process.stderr?.on("data", (text: Buffer) => {
      log += text.toString();
    });
    while (!log.includes("ready for connections")) {
      if (this.process.exitCode !== null) {
        throw new Error(`MariaDB ended with ${this.process.exitCode} at its start:\n${log}`);
      }
      await sleep(50);
    }
  }

  /** All queries since the first start. */
  queries(): string {
    return readFileSync(this.queryLog, "utf8");
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a program with these variables and nothing else. */
  run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return new Promise((resolve) => {
      const child = execFile(program, [...args], { env: { PATH, ...env } }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr });
      });
    });
  }

  /**
   * Runs a command line as `kubectl exec` would inside the server's container: as the system user of the server, through
   * the socket, with the variables that the pod sets and no others.
   */
  runInside(command: string, env: Readonly<Record<string, string>>): Promise<Ran> {
    // Where the socket is; in the image the clients' own option file says so.
    this.file(".my.cnf", `[client]\nsocket = ${join(this.folder, "socket")}\n`);
    const variables = { PATH, HOME: this.folder, ...env };
    return new Promise((resolve) => {
      const options = { ...unprivileged, env: variables, cwd: this.folder };
      const child = execFile("sh", ["-c", command], options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr });
      });
    });
  }

  /** Arguments for the client programs, and the variable with the password. */
  client({ user, password }: Login): {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  } {
    const args = ["--no-defaults", "--host=127.0.0.1", `--port=${this.port}`, `--user=${user}`];
    return { args, env: { MYSQL_PWD: password } };
  }

  /** The rows of a query, one line each, columns separated by tabs. @throws with what the client said when it fails */
  async query(sql: string, login: Login): Promise<string[]> {
    const { args, env } = this.client(login);
    const database = login.database === undefined ? [] : [login.database];
    const { code, output } = await this.run(
      "mariadb",
      [...args, "-N", "--batch", "--raw", "-e", sql, ...database],
      env,
    );
    if (code !== 0) {
      throw new Error(output);
    }
    return output.split("\n").filter((line) => line !== "");
  }

  /** Writes a file that the server can read, and nobody else. */
  file(path: string, content: string): string {
    const file = join(this.folder, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, content, { mode: 0o600 });
    this.own(join(file, ".."));
    this.own(file);
    return file;
  }

  private own(path: string): void {
    if (unprivileged.uid !== undefined) {
      chownSync(path, unprivileged.uid, unprivileged.gid);
    }
  }

  private get queryLog(): string {
    return join(this.folder, "queries.log");
  }

  private get data(): string {
    return join(this.folder, "data");
  }
}
