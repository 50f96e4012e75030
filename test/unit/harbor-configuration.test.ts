import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import {
  configurationOverwrite,
  connectionsPerPod,
  coreConfiguration,
  podsDuringUpdate,
} from "../../components/registry/harbor-core-configuration";
import { externalUrl, type HarborExposure, registryHost } from "../../components/registry/harbor-exposure";
import { jobserviceConfiguration } from "../../components/registry/harbor-jobservice";
import { nginxConfiguration, portalConfiguration } from "../../components/registry/harbor-nginx-configuration";
import {
  controllerConfiguration,
  registryConfiguration,
} from "../../components/registry/harbor-registry-configuration";
import type { HarborSystem } from "../../components/registry/harbor-system";
import { proxyEnvironment, redisUrl } from "../../components/registry/harbor-wiring";
import { dockerConfigJson, robotUsername } from "../../components/registry/registry-login";
import { testWith } from "../support/requirements";

test("core's app.conf has one section", () => {
  expect(coreConfiguration().split("\n")).toEqual([
    "appname = Harbor",
    "runmode = prod",
    "enablegzip = true",
    "",
    "[prod]",
    "httpport = 8080",
    "",
  ]);
});

test.each([
  [
    "volume",
    {
      name: "FILE",
      level: "INFO",
      settings: { base_dir: "/var/log/jobs" },
      sweeper: { duration: 14, settings: { work_dir: "/var/log/jobs" } },
    },
  ],
  ["database", { name: "DB", level: "INFO", sweeper: { duration: 14 } }],
] as const)("the job service writes its logs to a %s", (logs, logger) => {
  expect(parse(jobserviceConfiguration({ workers: 10, logs, logLevel: "info", metrics: true }))).toEqual({
    protocol: "http",
    port: 8080,
    worker_pool: {
      workers: 10,
      backend: "redis",
      redis_pool: { namespace: "harbor_job_service_namespace", idle_timeout_second: 3600 },
    },
    job_loggers: [logger],
    loggers: [{ name: "STD_OUTPUT", level: "INFO" }],
    metric: { enabled: true, path: "/metrics", port: 8001 },
    reaper: { max_update_hours: 24, max_dangling_hours: 168 },
  });
});

const redis = { host: "harbor-redis", port: 6379, tls: false };

test("the registry keeps files, may delete them and logs in by the password file", () => {
  const configuration = parse(registryConfiguration({ logLevel: "warning", metrics: true, redis }));
  expect(configuration).toMatchObject({
    version: 0.1,
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: "/storage" }, delete: { enabled: true }, redirect: { disable: false } },
    redis: { addr: "harbor-redis:6379", db: 2, enableTLS: false, readtimeout: "10s" },
    http: { addr: ":5000", debug: { addr: ":8001", prometheus: { enabled: true, path: "/metrics" } } },
    auth: { htpasswd: { path: "/etc/registry/passwd" } },
    compatibility: { schema1: { enabled: true } },
  });
  expect(configuration.storage).not.toHaveProperty("s3");
});

test("the registry without metrics keeps its debug server to itself", () => {
  const { http } = parse(registryConfiguration({ logLevel: "fatal", metrics: false, redis }));
  expect(http.debug).toEqual({ addr: "localhost:5001" });
});

test("the registry with an object store has exactly one driver and no keys in its file", () => {
  const s3 = {
    bucket: "images",
    region: "us-east-1",
    endpoint: "http://minio:9000",
    encrypt: false,
    disableRedirect: true,
  };
  const text = registryConfiguration({ logLevel: "info", metrics: true, redis, s3 });
  expect(parse(text).storage).toMatchObject({
    s3: { bucket: "images", regionendpoint: "http://minio:9000", secure: false },
    redirect: { disable: true },
  });
  expect(parse(text).storage).not.toHaveProperty("filesystem");
  expect(text).not.toMatch(/accesskey|secretkey/);
});

test("the controller opens the registry's storage by the registry's file", () => {
  expect(parse(controllerConfiguration("info"))).toEqual({
    protocol: "http",
    port: 8080,
    log_level: "info",
    registry_config: "/etc/registry/config.yml",
  });
});

test.each([
  [{ ...redis, database: 0, idleTimeoutSeconds: 30 }, "redis://harbor-redis:6379/0?idle_timeout_seconds=30"],
  [{ ...redis, database: 1 }, "redis://harbor-redis:6379/1"],
  [
    { ...redis, tls: true, username: "h", password: "p@ss/w:rd", database: 5 },
    "rediss://h:p%40ss%2Fw%3Ard@harbor-redis:6379/5",
  ],
  [
    { ...redis, password: "x", sentinel: { addresses: ["a:26379", "b:26379"], masterSet: "mymaster" }, database: 2 },
    "redis+sentinel://:x@a:26379,b:26379/mymaster/2",
  ],
])("builds the URL of Redis %#", (facts, url) => {
  expect(redisUrl(facts)).toBe(url);
});

const none = { from: "none" } as const;
const own = { from: "selfMade" } as const;

test.each<[HarborExposure, string | undefined, string]>([
  [{ type: "nodePort", httpPort: 30002, httpsPort: 30003, tls: none }, undefined, "http://harbor.local:30002"],
  [{ type: "nodePort", httpPort: 30002, httpsPort: 30003, tls: own }, undefined, "https://harbor.local:30003"],
  [{ type: "loadBalancer", tls: none }, undefined, "http://harbor.local"],
  [{ type: "ingress", tls: own }, undefined, "https://harbor.local"],
  [{ type: "clusterIp", tls: none }, undefined, "http://harbor.harbor-system.svc.cluster.local"],
  [{ type: "clusterIp", tls: none }, "https://registry.example.org:8443", "https://registry.example.org:8443"],
])("the address of Harbor %#", (exposure, override, url) => {
  const facts = {
    exposure,
    host: "harbor.local",
    namespace: "harbor-system",
    clusterDomain: "cluster.local",
    override,
  };
  expect(externalUrl(facts)).toBe(url);
});

test("image references begin with the host and its port", () => {
  expect(registryHost("http://harbor.local:30002")).toBe("harbor.local:30002");
  expect(registryHost("https://harbor.local")).toBe("harbor.local");
  // Without a port clients would try HTTPS.
  expect(registryHost("http://harbor.local")).toBe("harbor.local:80");
  expect(registryHost("http://harbor.local:80")).toBe("harbor.local:80");
});

test("a pull secret names exactly the host that image references begin with", () => {
  const username = robotUsername("kubekloud", "cluster");
  expect(username).toBe("robot$kubekloud+cluster");
  const { auths } = JSON.parse(dockerConfigJson("harbor.local:30002", username, "Secret1"));
  expect(Object.keys(auths)).toEqual(["harbor.local:30002"]);
  expect(Buffer.from(auths["harbor.local:30002"].auth, "base64").toString()).toBe("robot$kubekloud+cluster:Secret1");
});

test("all pods together stay below the connections that the database allows", () => {
  expect(connectionsPerPod(1024, 1, false)).toBe(900);
  expect(connectionsPerPod(1024, 2, true)).toBe(490);
  expect(connectionsPerPod(50, 4, true)).toBe(1);
  expect(4 * connectionsPerPod(1024, 4, true) + 20 + 24).toBeLessThanOrEqual(1024);
  expect([1, 4, 5].map(podsDuringUpdate)).toEqual([2, 5, 7]);
});

test("no proxy, no variables", () => {
  expect(proxyEnvironment(undefined)).toEqual({});
});

test("the login by OpenID Connect is one JSON object of system settings", () => {
  const facts = {
    name: "Keycloak",
    userClaim: "preferred_username",
    scopes: ["profile", "email"],
    autoOnboard: false,
    groupFilter: "^platform-",
    logout: true,
    loginParameters: { kc_idp_hint: "company" },
    issuer: "https://id.example.org/realms/platform",
    clientId: "harbor",
    clientSecret: 'a"b',
  };
  expect(JSON.parse(configurationOverwrite(facts))).toMatchObject({
    auth_mode: "oidc_auth",
    oidc_auto_onboard: false,
    oidc_client_secret: 'a"b',
    oidc_endpoint: "https://id.example.org/realms/platform",
    oidc_extra_redirect_parms: { kc_idp_hint: "company" },
    oidc_group_filter: "^platform-",
    oidc_logout: true,
    oidc_scope: "openid,profile,email",
    oidc_verify_cert: true,
    // The user names in pull secrets begin with it, whatever people set in the portal before.
    robot_name_prefix: "robot$",
  });
});

test("with that login everything that people would change in the portal can be set, and nothing else is taken over", () => {
  const login = {
    ...{ name: "Keycloak", userClaim: "sub", scopes: [], autoOnboard: true, logout: false, loginParameters: {} },
    ...{ issuer: "https://id.example.org", clientId: "harbor", clientSecret: "s" },
  };
  const keys = (system: HarborSystem) => Object.keys(JSON.parse(configurationOverwrite(login, system)));
  const ofLogin = keys({}).filter((key) => !key.startsWith("oidc_"));
  expect(ofLogin).toEqual(["auth_mode", "robot_name_prefix", "self_registration"]);
  const system: HarborSystem = {
    projectCreation: "adminonly",
    sessionMinutes: 15,
    storagePerProject: -1,
    auditLogInDatabase: false,
    auditLogForwardEndpoint: "syslog.example.org:514",
    disabledAuditEvents: ["create_artifact", "pull_artifact"],
    banner: { message: "Tomorrow", type: "warning", closable: true, from: "2027-01-31", to: "2027-02-01" },
  };
  const { banner_message, ...rest } = JSON.parse(configurationOverwrite(login, system));
  expect(rest).toMatchObject({
    project_creation_restriction: "adminonly",
    session_timeout: 15,
    storage_per_project: -1,
    skip_audit_log_database: true,
    audit_log_forward_endpoint: "syslog.example.org:514",
    disabled_audit_log_event_types: "create_artifact,pull_artifact",
  });
  expect(JSON.parse(banner_message)).toEqual({
    message: "Tomorrow",
    type: "warning",
    closable: true,
    fromDate: "2027-01-31T00:00:00.000Z",
    toDate: "2027-02-01T00:00:00.000Z",
  });
});

const nginx = ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path));
const whenInstalled = testWith("nginx: Debian's nginx-light", nginx !== undefined);

describe("nginx itself accepts", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "harbor-nginx-"));
    mkdirSync(join(folder, "cert"));
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=harbor.local"],
        ...["-keyout", join(folder, "cert/tls.key"), "-out", join(folder, "cert/tls.crt")],
      ],
      { stdio: "ignore" },
    );
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  whenInstalled.each([
    [
      "the front with plain HTTP",
      nginxConfiguration({ tls: false, externalUrl: "http://harbor.local:30002", ipv6: false }),
    ],
    ["the front with TLS", nginxConfiguration({ tls: true, externalUrl: "https://harbor.local:30003", ipv6: false })],
    ["the front with IPv6", nginxConfiguration({ tls: false, externalUrl: "http://harbor.local:30002", ipv6: true })],
    ["the portal", portalConfiguration(false)],
  ])("%s", (_, configuration) => {
    // The names of the Services exist in the cluster only, and the directories in the pod only.
    const local = configuration
      .replaceAll(/harbor-(core|portal):80/g, "127.0.0.1:80")
      .replaceAll("/etc/nginx/cert", "cert")
      .replaceAll("/tmp/", `${folder}/`)
      .replaceAll(/\/dev\/std(out|err)/g, join(folder, "log"));
    const file = join(folder, "nginx.conf");
    writeFileSync(file, local);
    expect(() => execFileSync(nginx ?? "", ["-t", "-q", "-c", file], { stdio: "pipe" })).not.toThrow();
  });
});

test("the front sends uploads through unbuffered and tells the registry the host with its port", () => {
  const configuration = nginxConfiguration({ tls: false, externalUrl: "http://harbor.local:30002", ipv6: true });
  const v2 = /location \/v2\/ \{([^}]*)\}/.exec(configuration)?.[1] ?? "";
  expect(v2).toContain("proxy_pass http://core/v2/;");
  expect(v2).toContain("proxy_set_header Host $forwarded_host;");
  expect(v2).toContain("proxy_request_buffering off;");
  expect(v2).toContain("proxy_read_timeout 900;");
  expect(configuration).toContain("client_max_body_size 0;");
  expect(configuration).toMatch(/location \/service\/notifications \{\s*return 404;/);
});

test("with TLS the redirect goes to the address that clients know, node port included", () => {
  const configuration = nginxConfiguration({ tls: true, externalUrl: "https://harbor.local:30003", ipv6: false });
  expect(configuration).toContain("return 301 https://harbor.local:30003$request_uri;");
});
