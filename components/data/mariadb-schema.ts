/** One step in the life of a schema. Once it was applied anywhere it must not be changed: add another one. */
export interface Migration {
  /** Its order: `001-clusters`. */
  readonly version: string;
  /** Statements that do no harm when they run again, because MariaDB cannot take back what a broken run did. */
  readonly sql: string;
}

/** A schema, and how its tables come to be. */
export interface MariaDbSchema {
  readonly name: string;
  /** In this order. Empty: its application makes the tables itself. */
  readonly migrations: readonly Migration[];
  /** Statements for rows that depend on the settings. They run at the end of every run. @default none */
  readonly seed?: string;
}
