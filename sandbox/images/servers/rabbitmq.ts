import type { ImageDefinition } from "../definition";

/**
 * Takes the place of the official image `rabbitmq`, in its variant with the management plugin. Debian's own start
 * scripts, which hide the log in files, come after the server's on PATH.
 */
export const rabbitmq: ImageDefinition = {
  name: "rabbitmq",
  tag: "3.10",
  title: "RabbitMQ 3.10 (Debian)",
  packages: ["rabbitmq-server"],
  accounts: [{ name: "rabbitmq", uid: 999, gid: 999, home: "/var/lib/rabbitmq" }],
  content: [],
  directories: [
    { path: "/etc/rabbitmq/conf.d" },
    { path: "/var/lib/rabbitmq/mnesia", owner: "999:999" },
    { path: "/var/log/rabbitmq", owner: "999:999" },
  ],
  process: {
    entrypoint: [],
    command: ["rabbitmq-server"],
    user: "999:999",
    environment: {
      PATH: "/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/var/lib/rabbitmq",
      LANG: "C.UTF-8",
    },
  },
};
