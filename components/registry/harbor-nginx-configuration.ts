import { harborPorts, partName, SERVICE_HTTP_PORT } from "./harbor-parts";

/** Where nginx finds its certificate, a mounted Secret of the type kubernetes.io/tls. */
export const CERTIFICATE_DIRECTORY = "/etc/nginx/cert";

/** What both web servers of Harbor have in common: everything that they write goes below /tmp. */
const temporaryFiles = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
  (each) => `${each}_temp_path /tmp/${each}_temp;`,
);

export interface NginxFacts {
  /** Serve HTTPS, too, and send plain HTTP there. */
  readonly tls: boolean;
  /** What people type, for the redirect from HTTP to HTTPS. */
  readonly externalUrl: string;
  /** Listen on IPv6 as well; on nodes without IPv6 nginx would not start. */
  readonly ipv6: boolean;
}

/** `nginx.conf` of the front: one address for the portal, the API and the registry. */
export function nginxConfiguration({ tls, externalUrl, ipv6 }: NginxFacts): string {
  const servers = tls
    ? [
        server([
          ...listen(harborPorts.https, ipv6, " ssl"),
          `ssl_certificate ${CERTIFICATE_DIRECTORY}/tls.crt;`,
          `ssl_certificate_key ${CERTIFICATE_DIRECTORY}/tls.key;`,
          "ssl_protocols TLSv1.2 TLSv1.3;",
          "ssl_ciphers '!aNULL:kECDH+AESGCM:ECDH+AESGCM:RSA+AESGCM:kECDH+AES:ECDH+AES:RSA+AES:';",
          "ssl_prefer_server_ciphers on;",
          "ssl_session_cache shared:SSL:10m;",
          'add_header Strict-Transport-Security "max-age=31536000; includeSubdomains; preload";',
          ...serves(true),
        ]),
        // The external address and not $host, which has lost the node port.
        server([...listen(harborPorts.http, ipv6), `return 301 ${externalUrl}$request_uri;`]),
      ]
    : [server([...listen(harborPorts.http, ipv6), ...serves(false)])];
  return render([
    "worker_processes auto;",
    "pid /tmp/nginx.pid;",
    "error_log /dev/stderr;",
    "",
    ...block("events", ["worker_connections 3096;", "use epoll;", "multi_accept on;"]),
    "",
    ...block("http", [
      ...temporaryFiles,
      "tcp_nodelay on;",
      "# Chunked uploads pass without being stored first.",
      "proxy_http_version 1.1;",
      "",
      ...block("upstream core", [`server ${partName("core")}:${SERVICE_HTTP_PORT};`]),
      ...block("upstream portal", [`server ${partName("portal")}:${SERVICE_HTTP_PORT};`]),
      "",
      "log_format timed_combined '[$time_local]:$remote_addr - \"$request\" $status $body_bytes_sent '",
      '  \'"$http_referer" "$http_user_agent" $request_time $upstream_response_time $pipe\';',
      "access_log /dev/stdout timed_combined;",
      "",
      "# The scheme that the client used, also behind another proxy: upload locations are built from it.",
      ...block("map $http_x_forwarded_proto $x_forwarded_proto", ["default $http_x_forwarded_proto;", '"" $scheme;']),
      "# The registry builds the addresses of uploads from the host, port included, and $host has no port.",
      ...block("map $http_host $forwarded_host", ["default $http_host;", '"" $host;']),
      "",
      ...servers.flat(),
    ]),
  ]);
}

/** What every server that answers by itself does. */
function serves(tls: boolean): string[] {
  return [
    "server_tokens off;",
    "client_max_body_size 0;",
    "chunked_transfer_encoding on;",
    "add_header X-Frame-Options DENY;",
    "add_header Content-Security-Policy \"frame-ancestors 'none'\";",
    ...location("/", "portal/", tls ? ['proxy_cookie_path / "/; HttpOnly; Secure";'] : []),
    ...["/api/", "/c/", "/service/"].flatMap((path) =>
      location(path, `core${path}`, tls ? ['proxy_cookie_path / "/; Secure";'] : []),
    ),
    ...location("/v2/", "core/v2/", ["proxy_send_timeout 900;", "proxy_read_timeout 900;"]),
    ...block("location /v1/", ["return 404;"]),
    "# Notifications come from the registry, inside the namespace.",
    ...block("location /service/notifications", ["return 404;"]),
  ];
}

function location(path: string, upstream: string, more: readonly string[]): string[] {
  return block(`location ${path}`, [
    `proxy_pass http://${upstream};`,
    "proxy_set_header Host $forwarded_host;",
    "proxy_set_header X-Real-IP $remote_addr;",
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "proxy_set_header X-Forwarded-Proto $x_forwarded_proto;",
    "proxy_buffering off;",
    "proxy_request_buffering off;",
    ...more,
  ]);
}

/** `nginx.conf` of the portal: static files, and the single page for everything else. */
export function portalConfiguration(ipv6: boolean): string {
  return render([
    "worker_processes auto;",
    "pid /tmp/nginx.pid;",
    "error_log /dev/stderr;",
    "",
    ...block("events", ["worker_connections 1024;"]),
    "",
    ...block("http", [
      ...temporaryFiles,
      "access_log /dev/stdout;",
      ...server([
        ...listen(harborPorts.http, ipv6),
        "server_name localhost;",
        "server_tokens off;",
        "root /usr/share/nginx/html;",
        "index index.html index.htm;",
        "include /etc/nginx/mime.types;",
        "gzip on;",
        "gzip_min_length 1000;",
        "gzip_proxied expired no-cache no-store private auth;",
        "gzip_types text/plain text/css application/json application/javascript application/x-javascript text/xml application/xml application/xml+rss text/javascript;",
        ...block("location /devcenter-api-2.0", ["try_files $uri $uri/ /swagger-ui-index.html;"]),
        ...block("location /", ["try_files $uri $uri/ /index.html;"]),
        ...block("location = /index.html", ['add_header Cache-Control "no-store, no-cache, must-revalidate";']),
      ]),
    ]),
  ]);
}

function listen(port: number, ipv6: boolean, options = ""): string[] {
  return [`listen ${port}${options};`, ...(ipv6 ? [`listen [::]:${port}${options};`] : [])];
}

function server(lines: readonly string[]): string[] {
  return block("server", lines);
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...lines.map((line) => (line === "" ? line : `  ${line}`)), "}"];
}

function render(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
