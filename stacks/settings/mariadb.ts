import { z } from "zod";
import { kpaasClientNames } from "../../components/kpaas/database/clients";
import { kpaasClass, storageClaim } from "./storage-claim";
import { authorityText } from "./types/pem";
import { oneLine } from "./types/text";
import { cidr, containerResources, port, secretText, serverAddress } from "./values";

const login = (description: string) =>
  z
    .strictObject({
      username: oneLine(80).meta({ description: "User name." }),
      password: secretText().meta({ description: "Password." }),
    })
    .meta({ description });

const external = z
  .strictObject({
    host: serverAddress.meta({ description: "Address of the server." }),
    port: port.default(3306).meta({ description: "Port of the server." }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
    administrator: login(
      "Who may make schemas and users there; the platform then makes the same as on its own server.",
    ).exactOptional(),
    certificateAuthority: authorityText(
      "Authority behind the server's certificate, which the administrator's connection then checks. The applications of K-PaaS connect without TLS.",
    ).exactOptional(),
    logins: z
      .partialRecord(z.enum(kpaasClientNames), login("Login of the application, which may use its schemas already."))
      .exactOptional()
      .meta({
        description:
          "Instead of the administrator: the logins, one for each application; schemas and tables have to be there.",
      }),
  })
  .exactOptional()
  .meta({ description: "A server that somebody else runs. When set, none is installed and the rest is ignored." });

/** The database of K-PaaS. */
export const mariadb = z
  .strictObject({
    external,
    storage: storageClaim("10Gi", "Where the data lies.", kpaasClass),
    maxConnections: z.int().min(50).max(5000).default(300).meta({
      description: "Connections that the server takes.",
      unit: "connections",
      source: "upstream",
    }),
    nodePort: z.int().min(30000).max(32767).exactOptional().meta({
      description:
        "Open the server on this port of every node, without TLS, as upstream does with 31306; absent: only pods of the platform reach it.",
      unit: "TCP port",
    }),
    resources: containerResources(
      { cpu: "300m", memory: "512Mi" },
      { cpu: "750m", memory: "1Gi" },
      {
        description: "Resources of the server; its caches follow the memory limit.",
        source: "upstream",
        leastMemory: "256Mi",
      },
      "the server",
    ),
  })
  .meta({ description: "MariaDB, the database of K-PaaS." });
