/** The stack output `readme`: what runs where and how to get in, in Markdown, without any secret. */
export function stackReadme(
  stack: string,
  urls: Readonly<Record<string, string>>,
  credentials: readonly string[],
  notes: readonly string[] = [],
): string {
  const systems = [...new Set([...Object.keys(urls), ...credentials])].sort();
  const rows = systems.map((system) => {
    const login = credentials.includes(system) ? `\`credentials.${system}\`` : "none";
    return `| ${system} | ${urls[system] ?? "inside the cluster only"} | ${login} |`;
  });
  return [
    `# Platform, stack ${stack}`,
    "",
    "| System | Address | Login in the stack output |",
    "|---|---|---|",
    ...rows,
    "",
    "Show the logins: `pulumi stack output credentials --show-secrets`.",
    "",
    ...(notes.length === 0 ? [] : ["## To do", "", ...notes.map((note) => `- ${note}`), ""]),
  ].join("\n");
}
