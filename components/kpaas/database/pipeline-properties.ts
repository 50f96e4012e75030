import { sqlText } from "../../data/mariadb-sql";

/** One row of what the Config-Server serves. */
export interface PipelineProperty {
  /** Id of the service instance; `standalone` for the one that no Cloud Foundry ordered. */
  readonly serviceInstance: string;
  /** Label, in Spring's words; upstream's comment calls it the project. */
  readonly label: string;
  /** Name of the application that asks. */
  readonly application: string;
  /** Profile, in Spring's words. */
  readonly profile: string;
  readonly key: string;
  readonly value: string;
}

/**
 * Statements that set these rows of `delivery_pipeline.properties`, whatever they held, and leave all others alone: the
 * application makes rows of its own. Empty without rows.
 */
export function pipelinePropertiesSeed(properties: readonly PipelineProperty[]): string {
  const rows = properties
    .map(({ serviceInstance, label, application, profile, key, value }) =>
      [serviceInstance, label, application, profile, key, value].map(sqlText).join(", "),
    )
    .sort()
    .map((row) => `(${row})`);
  return rows.length === 0
    ? ""
    : `INSERT INTO properties (service_instance, label, application, profile, \`key\`, value) VALUES
  ${rows.join(",\n  ")}
  ON DUPLICATE KEY UPDATE value = VALUES(value);
`;
}
