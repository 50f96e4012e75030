/** What people see on every page of the portal. */
export interface HarborBanner {
  readonly message: string;
  readonly type: "success" | "info" | "warning" | "danger";
  /** Whether people may close it. */
  readonly closable: boolean;
  /** First and last day, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
}

/** System settings of Harbor that people change in the portal elsewhere. What is absent stays as Harbor has it. */
export interface HarborSystem {
  readonly auditLogForwardEndpoint?: string | undefined;
  readonly auditLogInDatabase?: boolean | undefined;
  readonly disabledAuditEvents?: readonly string[] | undefined;
  readonly banner?: HarborBanner | undefined;
  readonly notifications?: boolean | undefined;
  readonly projectCreation?: "adminonly" | "everyone" | undefined;
  readonly pullAuditLog?: boolean | undefined;
  readonly pullCount?: boolean | undefined;
  readonly pullTime?: boolean | undefined;
  readonly quotaPerProject?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
  readonly robotDays?: number | undefined;
  readonly scannerCountsAsPull?: boolean | undefined;
  readonly selfRegistration?: boolean | undefined;
  readonly sessionMinutes?: number | undefined;
  /** Bytes that a new project may use, or -1. */
  readonly storagePerProject?: number | undefined;
  readonly tokenMinutes?: number | undefined;
}

type Entry = string | number | boolean;

/** The settings under the names of Harbor's API, which `CONFIG_OVERWRITE_JSON` takes as well. */
export function systemConfiguration(system: HarborSystem): Record<string, Entry> {
  const not = (value: boolean | undefined) => (value === undefined ? undefined : !value);
  const entries: Record<string, Entry | undefined> = {
    audit_log_forward_endpoint: system.auditLogForwardEndpoint,
    banner_message: system.banner === undefined ? undefined : bannerText(system.banner),
    disabled_audit_log_event_types: system.disabledAuditEvents?.join(","),
    notification_enable: system.notifications,
    project_creation_restriction: system.projectCreation,
    pull_audit_log_disable: not(system.pullAuditLog),
    pull_count_update_disable: not(system.pullCount),
    pull_time_update_disable: not(system.pullTime),
    quota_per_project_enable: system.quotaPerProject,
    read_only: system.readOnly,
    robot_token_duration: system.robotDays,
    scanner_skip_update_pulltime: not(system.scannerCountsAsPull),
    self_registration: system.selfRegistration,
    session_timeout: system.sessionMinutes,
    skip_audit_log_database: not(system.auditLogInDatabase),
    storage_per_project: system.storagePerProject,
    token_expiration: system.tokenMinutes,
  };
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, Entry] => entry[1] !== undefined),
  );
}

/** As the portal writes it and reads it. */
function bannerText({ message, type, closable, from, to }: HarborBanner): string {
  const day = (date: string) => new Date(`${date}T00:00:00Z`).toISOString();
  return JSON.stringify({ closable, message, type, fromDate: day(from), toDate: day(to) });
}
