import type { MariaDbClient, MariaDbGrant, Privilege } from "./mariadb-client";
import { sqlAccount, sqlName, sqlText } from "./mariadb-sql";

/** One right of one account. */
interface PlannedRight {
  readonly account: string;
  /** The right as {@link grantDifference} spells what it finds at the server. */
  readonly granted: string;
  readonly statement: string;
  /** Table that has to be there first, `schema.table`; empty: nothing is waited for. */
  readonly awaitedTable: string;
}

/** Tables that grants wait for, as `schema.table`. */
export function awaitedTables(clients: readonly MariaDbClient[]): string[] {
  return [...new Set(clients.flatMap(rights).map(({ awaitedTable }) => awaitedTable))]
    .filter((each) => each !== "")
    .sort();
}

/**
 * A query whose rows are the statements that make the rights of these clients as planned: none where they are. Missing
 * rights are granted. An account that has a right too many loses all and gets back the planned ones.
 * @throws Error for columns or a later grant without a table
 */
export function grantDifference(clients: readonly MariaDbClient[]): string {
  const planned = clients
    .flatMap(rights)
    .map(({ account, granted, statement, awaitedTable }) =>
      [account, granted, statement, awaitedTable].map(sqlText).join(", "),
    );
  return `WITH plan (account, granted, statement, awaited_table) AS (VALUES
  (${planned.join("),\n  (")})
),
-- Byte by byte: the columns of information_schema and the texts above have different collations.
planned AS (
  SELECT BINARY account AS account, BINARY granted AS granted, statement, BINARY awaited_table AS awaited_table FROM plan
),
actual AS (
  SELECT BINARY account AS account, BINARY CONCAT(place, ' ', privilege, IF(grantable = 'YES', ' GRANTABLE', '')) AS granted
  FROM (
    SELECT GRANTEE AS account, '*.*' AS place, PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable
      FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE <> 'USAGE' OR IS_GRANTABLE = 'YES'
    UNION ALL
    SELECT GRANTEE, CONCAT(TABLE_SCHEMA, '.*'), PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES
    UNION ALL
    SELECT GRANTEE, CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), PRIVILEGE_TYPE, IS_GRANTABLE
      FROM information_schema.TABLE_PRIVILEGES
    UNION ALL
    SELECT GRANTEE, CONCAT(TABLE_SCHEMA, '.', TABLE_NAME, '.', COLUMN_NAME), PRIVILEGE_TYPE, IS_GRANTABLE
      FROM information_schema.COLUMN_PRIVILEGES
  ) AS every_right
),
excessive AS (
  SELECT DISTINCT account FROM actual
    WHERE account IN (SELECT account FROM planned)
      AND granted NOT IN (SELECT granted FROM planned WHERE planned.account = actual.account)
)
SELECT statement FROM (
  SELECT 1 AS step, CONCAT('REVOKE ALL PRIVILEGES, GRANT OPTION FROM ', account, ';') AS statement FROM excessive
  UNION ALL
  SELECT 2, statement FROM planned
    WHERE (account IN (SELECT account FROM excessive)
        OR granted NOT IN (SELECT granted FROM actual WHERE actual.account = planned.account))
      AND (awaited_table = '' OR awaited_table IN (
        SELECT BINARY CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES))
) AS difference ORDER BY step, statement;
`;
}

function rights({ username, grants }: MariaDbClient): PlannedRight[] {
  const account = sqlAccount(username);
  return grants.flatMap((grant) =>
    grant.privileges.flatMap((privilege) =>
      scopes(grant, privilege).map(({ granted, clause }) => ({
        account,
        granted,
        statement: `GRANT ${clause} TO ${account};`,
        awaitedTable: grant.later === true ? `${grant.schema}.${grant.table}` : "",
      })),
    ),
  );
}

function scopes(
  { schema, table, columns, later }: MariaDbGrant,
  privilege: Privilege,
): { readonly granted: string; readonly clause: string }[] {
  if (table === undefined) {
    if (columns !== undefined || later === true) {
      throw new Error(`A grant in the schema ${schema} needs a table.`);
    }
    // In the name of a schema, and only there, `_` stands for any character.
    const pattern = schema.replaceAll("_", "\\_");
    return [
      { granted: `${pattern}.* ${privilege}`, clause: `${privilege} ON ${sqlName(schema).replaceAll("_", "\\_")}.*` },
    ];
  }
  const place = `${sqlName(schema)}.${sqlName(table)}`;
  return columns === undefined
    ? [{ granted: `${schema}.${table} ${privilege}`, clause: `${privilege} ON ${place}` }]
    : columns.map((column) => ({
        granted: `${schema}.${table}.${column} ${privilege}`,
        clause: `${privilege} (${sqlName(column)}) ON ${place}`,
      }));
}
