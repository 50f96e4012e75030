/** File that Catalog-API reads from the directory it starts in, the root. */
export const CATALOG_FILE = "config.env";

/** Values that the file takes from the container's environment, as upstream's own file does with all but the first. */
const fromEnvironment = [
  "JWT_SECRET",
  "HELM_REPO_CONFIG",
  "HELM_REPO_CACHE",
  "HELM_REPO_CA",
  "VAULT_URL",
  "VAULT_ROLE_NAME",
  "VAULT_ROLE_ID",
  "VAULT_SECRET_ID",
];

/** Values that are no business of an installation, as the application expects them. */
const constants = {
  ARTIFACT_HUB_API_URL: "https://artifacthub.io/api/v1",
  ARTIFACT_HUB_PACKAGE_DETAIL: "/packages/helm/{repoName}/{packageName}",
  ARTIFACT_HUB_PACKAGE_LOGO_URL: "https://artifacthub.io/image/",
  ARTIFACT_HUB_PACKAGE_SEARCH: "/packages/search?kind=0&sort=relevance&deprecated=true",
  ARTIFACT_HUB_PACKAGE_VALUES: "/packages/{packageID}/{version}/values",
  ARTIFACT_HUB_REPO_SEARCH: "/repositories/search?kind=0",
  VAULT_CLUSTER_PATH: "secret/data/cluster",
  VAULT_USER_PATH: "secret/data/user",
};

/**
 * The file's content. Port and signing key can be set nowhere else; the image's own file has the key that all
 * installations share.
 */
export function catalogConfiguration(port: number): string {
  return [
    `SERVER_PORT=:${port}`,
    ...fromEnvironment.map((name) => `${name}=\${${name}}`),
    ...Object.entries(constants).map(([name, value]) => `${name}=${value}`),
    "",
  ].join("\n");
}
