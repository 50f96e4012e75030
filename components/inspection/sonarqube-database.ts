import * as pulumi from "@pulumi/pulumi";
import type { PostgresEndpoint, PostgresSslMode } from "../contracts";

/**
 * The variables that tell SonarQube where its database is. Values are secret where they hold one.
 * @throws Error for a database whose certificate an authority of its own has signed: the driver in the image would have
 *   to be given a file
 */
export function databaseVariables(database: PostgresEndpoint): Record<string, pulumi.Input<string>> {
  if (database.certificateAuthority !== undefined) {
    throw new Error("SonarQube cannot be given an authority for its database; it knows the public ones only.");
  }
  const { port, database: name, sslmode } = database;
  return {
    SONAR_JDBC_URL: jdbcUrl({ host: database.host, port, database: name, sslmode }),
    SONAR_JDBC_USERNAME: database.username,
    SONAR_JDBC_PASSWORD: pulumi.secret(database.password),
  };
}

/**
 * `jdbc:postgresql://host:port/database`, `?sslmode=…` unless it is `disable`. The driver would look for authorities in
 * the user's home alone; with `verify-full` it is to take those that Java knows.
 */
export function jdbcUrl({
  host,
  port,
  database,
  sslmode,
}: {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly sslmode: PostgresSslMode;
}): string {
  const address = host.includes(":") ? `[${host}]` : host;
  const authorities = sslmode === "verify-full" ? "&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory" : "";
  const query = sslmode === "disable" ? "" : `?sslmode=${sslmode}${authorities}`;
  return `jdbc:postgresql://${address}:${port}/${encodeURIComponent(database)}${query}`;
}
