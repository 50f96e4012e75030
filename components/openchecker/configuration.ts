import { CLONE_DIRECTORY, type ImageGeneration, sonarAddress } from "./image-generation";

/** Sections of an INI file: name → key → value. */
export type IniSections = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

/** Plain values behind one `config.ini`. Everything that is absent is written empty, because a missing section is a crash. */
export interface ConfigurationFacts {
  readonly generation: ImageGeneration;
  readonly broker: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
  };
  /** API only. */
  readonly api?: {
    /** Port that the API listens on; the Service's target. */
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly tokenKey: string;
    readonly tokenMinutes: number;
  };
  /** Workers only. */
  readonly sonar?: {
    readonly scheme: "http" | "https";
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly token: string;
  };
  /** Workers only: an OpenAI-compatible endpoint. */
  readonly chatbot?: { readonly baseUrl: string; readonly apiKey: string; readonly modelName: string };
  /** Workers only: access keys of code hosts. */
  readonly codeHosts?: { readonly github?: string; readonly gitee?: string; readonly gitcode?: string };
  /** Workers only: signed calls to ohpm.openharmony.cn. */
  readonly ohpm?: { readonly accessKey: string; readonly secretKey: string };
}

/**
 * All sections and keys that any version of OpenChecker reads. Extra keys harm no version; a role that has no use for
 * a secret gets an empty value, so workers, which run untrusted builds, never see the keys of the API and the API
 * never sees theirs.
 */
export function configurationSections(facts: ConfigurationFacts): IniSections {
  const { broker, api, sonar, chatbot, codeHosts, ohpm } = facts;
  // Without a server the address is one that refuses at once: scans fail with a clear error, the others go on.
  const sonarHost = sonarAddress(facts.generation, sonar ?? { scheme: "http", host: "localhost", port: 9000 });
  return {
    RabbitMQ: {
      host: broker.host,
      port: broker.port,
      username: broker.username,
      password: broker.password,
      heartbeat_interval_s: 60,
      // Read as seconds, whatever its name says.
      blocked_connection_timeout_ms: 300,
    },
    SonarQube: {
      ...sonarHost,
      username: sonar?.username ?? "",
      password: sonar?.password ?? "",
      token: sonar?.token ?? "",
      scan_timeout_s: 1800,
      report_max_wait_time_s: 120,
      report_check_interval_s: 10,
    },
    OpenCheck: {
      host: "0.0.0.0",
      port: api?.port ?? 80,
      // TLS is switched off in the code; the keys are read all the same.
      ssl_crt_path: "unused",
      ssl_key_path: "unused",
      repos_dir: CLONE_DIRECTORY,
    },
    ChatBot: {
      base_url: chatbot?.baseUrl ?? "",
      api_key: chatbot?.apiKey ?? "",
      model_name: chatbot?.modelName ?? "",
    },
    Gitee: { access_key: codeHosts?.gitee ?? "" },
    Github: { access_key: codeHosts?.github ?? "" },
    GitCode: { access_key: codeHosts?.gitcode ?? "" },
    UserManager: { default_username: api?.username ?? "", default_password: api?.password ?? "" },
    JWT: { secret_key: api?.tokenKey ?? "", expires_minutes: api?.tokenMinutes ?? 30 },
    AKSK: { access_key: ohpm?.accessKey ?? "", secret_key: ohpm?.secretKey ?? "" },
  };
}

/**
 * Writes sections for Python's configparser: sorted, `%` doubled because a single one breaks the read.
 * @throws Error for a value with a line break or outer white space, which the format cannot hold. The value is not shown.
 */
export function renderIni(sections: IniSections): string {
  return Object.entries(sections)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([section, keys]) => {
      const lines = Object.entries(keys)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key} = ${iniValue(section, key, String(value))}`.trimEnd());
      return `[${section}]\n${lines.join("\n")}\n`;
    })
    .join("\n");
}

function iniValue(section: string, key: string, value: string): string {
  if (/[\r\n]/.test(value) || value !== value.trim()) {
    throw new Error(
      `config.ini cannot hold the value of [${section}] ${key}: a line break, or white space at its start or end, would be lost. Change the value.`,
    );
  }
  return value.replaceAll("%", "%%");
}
