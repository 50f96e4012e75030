import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import { freePort } from "./free-port";

/** The server's own start script. The one in /usr/sbin of Debian changes to another user, which cannot read the test's folder. */
const SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/** Whether RabbitMQ's server is installed from the operating system's packages (`rabbitmq-server` on Debian). */
export const rabbitMqInstalled = existsSync(SERVER);

/** What the platform gives a broker node. */
export interface BrokerFiles {
  /** `rabbitmq.conf` */
  readonly configuration: string;
  readonly enabledPlugins: string;
  /** The definitions that it imports at its start. */
  readonly definitions: string;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

type Ports = Readonly<Record<"amqp" | "management" | "metrics" | "portMapper" | "clustering", number>>;

/** A real RabbitMQ node on free loopback ports, with all its files in one folder. Started again, it has the same data. */
export class RabbitMqServer {
  private processes: ChildProcess[] = [];
  private ports: Ports = { amqp: 0, management: 0, metrics: 0, portMapper: 0, clustering: 0 };
  private log = "";

  /** @param folder for all its files; made if it does not exist */
  constructor(private readonly folder: string) {}

  /** Starts it and waits until clients can connect. Whatever comes of it, `stop` ends all that was started. */
  async start(files: BrokerFiles): Promise<void> {
    this.ports = await freePorts();
    this.log = "";
    this.write(files);
    this.run("epmd", ["-address", "127.0.0.1", "-port", String(this.ports.portMapper)]);
    this.run(SERVER, []);
    await this.untilItAnswers();
  }

  /** A connection of a client; rejected when the login is. */
  connect({ username, password }: Login): Promise<ChannelModel> {
    return connect({ hostname: "127.0.0.1", port: this.ports.amqp, username, password, vhost: "/" });
  }

  /** Asks the management interface. @param path below `/api/` */
  manage(path: string, { username, password }: Login): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    return fetch(`http://127.0.0.1:${this.ports.management}/api/${path}`, { headers: { authorization } });
  }

  metrics(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.ports.metrics}${path}`);
  }

  /** Stops it the way Kubernetes does and waits until it has ended. */
  async stop(): Promise<void> {
    for (const child of this.processes.reverse()) {
      if (isRunning(child)) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
    }
    this.processes = [];
  }

  private write(files: BrokerFiles): void {
    const { amqp, management, metrics } = this.ports;
    mkdirSync(this.path("conf.d"), { recursive: true, mode: 0o700 });
    writeFileSync(this.path("rabbitmq.conf"), files.configuration);
    writeFileSync(this.path("enabled_plugins"), files.enabledPlugins);
    writeFileSync(this.path("definitions.json"), files.definitions);
    // Read after rabbitmq.conf: only where things are differs from the cluster.
    const places = [
      `listeners.tcp.default = 127.0.0.1:${amqp}`,
      "management.tcp.ip = 127.0.0.1",
      `management.tcp.port = ${management}`,
      "prometheus.tcp.ip = 127.0.0.1",
      `prometheus.tcp.port = ${metrics}`,
      `load_definitions = ${this.path("definitions.json")}`,
    ];
    writeFileSync(this.path("conf.d/test.conf"), `${places.join("\n")}\n`);
  }

  private run(command: string, args: readonly string[]): void {
    const { PATH } = process.env;
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...(PATH !== undefined && { PATH }),
        HOME: this.folder,
        ERL_EPMD_ADDRESS: "127.0.0.1",
        ERL_EPMD_PORT: String(this.ports.portMapper),
        RABBITMQ_ADVANCED_CONFIG_FILE: this.path("advanced.config"),
        RABBITMQ_CONFIG_FILE: this.path("rabbitmq.conf"),
        RABBITMQ_CONFIG_FILES: this.path("conf.d/*.conf"),
        RABBITMQ_CONF_ENV_FILE: "/dev/null",
        RABBITMQ_DIST_PORT: String(this.ports.clustering),
        RABBITMQ_ENABLED_PLUGINS_FILE: this.path("enabled_plugins"),
        RABBITMQ_LOG_BASE: this.path("log"),
        RABBITMQ_MNESIA_BASE: this.path("mnesia"),
        RABBITMQ_NODENAME: "rabbit@localhost",
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
      },
    });
    child.stdout.on("data", (text: Buffer) => this.remember(text));
    child.stderr.on("data", (text: Buffer) => this.remember(text));
    this.processes.push(child);
  }

  private remember(text: Buffer): void {
    this.log += text.toString();
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  /** The listeners open after the import of the definitions. Jest's time-out ends a wait that is in vain. */
  private async untilItAnswers(): Promise<void> {
    const { amqp, management, metrics } = this.ports;
    while (!(await Promise.all([amqp, management, metrics].map(acceptsConnections))).every(Boolean)) {
      if (!this.processes.every(isRunning)) {
        throw new Error(`RabbitMQ ended while it started. Its log:\n${this.log}`);
      }
      await sleep(200);
    }
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function freePorts(): Promise<Ports> {
  const [amqp, management, metrics, portMapper, clustering] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  return { amqp, management, metrics, portMapper, clustering };
}
