/** What the API server says of one kind in its discovery, as far as it is read here. */
interface DiscoveredKind {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface Listed {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Asks the API server for the JSON at a path; undefined when there is nothing. */
type Get = <Answer>(path: string) => Promise<Answer | undefined>;

/**
 * Every object of every kind that the API server knows, as the program's reports call them: "Deployment shop/web".
 * @param labels only the objects that carry them, for example `app=web`
 */
export async function clusterObjects(get: Get, labels = ""): Promise<string[]> {
  const groups = await get<{ groups: { versions: { groupVersion: string }[] }[] }>("/apis");
  // All versions: a kind may be in one that is not the preferred one of its group.
  const versions = (groups?.groups ?? [])
    .flatMap((group) => group.versions)
    .map((each) => `/apis/${each.groupVersion}`);
  const found = await Promise.all(
    ["/api/v1", ...versions].map(async (version) => {
      const discovered = await get<{ resources: DiscoveredKind[] }>(version);
      const kinds = (discovered?.resources ?? []).filter(({ verbs }) => verbs.includes("list"));
      return await Promise.all(kinds.map((kind) => namesOf(get, version, kind, labels)));
    }),
  );
  return [...new Set(found.flat(2))].sort();
}

async function namesOf(get: Get, version: string, { name, kind }: DiscoveredKind, labels: string): Promise<string[]> {
  const list = await get<{ items: Listed[] }>(`${version}/${name}?labelSelector=${encodeURIComponent(labels)}`);
  return (list?.items ?? []).map(
    ({ metadata }) => `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`,
  );
}
