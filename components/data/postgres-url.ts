import type { PostgresSslMode } from "../contracts";

/** KubeKloud takes every database for SQLite whose URL has this word in it, wherever it stands. */
export const MISLEADING_WORD = "sqlite";

export interface PostgresUrlFacts {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** @default disable */
  readonly sslmode?: PostgresSslMode | undefined;
}

/**
 * `postgresql://user:password@host:port/database`, as libpq and SQLAlchemy read it. User, password and database are
 * percent-encoded down to letters and digits, so that no character of theirs ends its part of the URL early. In user and
 * password {@link MISLEADING_WORD} is hidden as well.
 */
export function postgresUrl({
  host,
  port,
  database,
  username,
  password,
  sslmode = "disable",
}: PostgresUrlFacts): string {
  const address = host.includes(":") ? `[${host}]` : host;
  const query = sslmode === "disable" ? "" : `?sslmode=${sslmode}`;
  return `postgresql://${login(username)}:${login(password)}@${address}:${port}/${encoded(database)}${query}`;
}

/** Clients decode user and password, so an encoded letter changes nothing for them. */
function login(text: string): string {
  return encoded(text).replaceAll(MISLEADING_WORD, `%73${MISLEADING_WORD.slice(1)}`);
}

/** `encodeURIComponent` leaves some characters that RFC 3986 reserves. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
