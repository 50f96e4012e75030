/** A text as SQL writes it, for the SQL mode that `scripts/mariadb-access.sh` sets. @throws Error for control characters */
export function sqlText(value: string): string {
  if (/\p{Cc}/u.test(value)) {
    throw new Error("A text for the database must not hold control characters.");
  }
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** A name of a schema, table or column as SQL writes it. @throws Error for a name that needs more than letters, digits and `_` */
export function sqlName(name: string): string {
  if (!/^[A-Za-z0-9_]{1,64}$/.test(name)) {
    throw new Error(`"${name}" is no name of a schema, table or column: letters, digits and _, at most 64.`);
  }
  return `\`${name}\``;
}

/** A user as SQL and the tables of `information_schema` write it: from any host, since pods have no fixed one. */
export function sqlAccount(username: string): string {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(username)) {
    throw new Error(`"${username}" is no user name for the platform: letters, digits, _ and -, at most 80.`);
  }
  return `'${username}'@'%'`;
}
