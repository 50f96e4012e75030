import { LOAD_BALANCER, NODE } from "../components/exposure/exposure";

/** What words in capitals stand for in addresses. */
const placeholders = {
  [NODE]: "the address of any node, which `kubectl get nodes -o wide` shows.",
  [LOAD_BALANCER]:
    "the address that the load balancer did not have yet: `kubectl get services -A` shows it; `refresh`, then `up` puts it here.",
};

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
  const explained = Object.entries(placeholders).filter(([word]) =>
    Object.values(urls).some((url) => url.includes(`//${word}`)),
  );
  return [
    `# Platform, stack ${stack}`,
    "",
    "| System | Address | Login in the stack output |",
    "|---|---|---|",
    ...rows,
    "",
    ...explained.flatMap(([word, meaning]) => [`\`${word}\` stands for ${meaning}`, ""]),
    "Show the logins: `pulumi stack output credentials --show-secrets`.",
    "",
    ...(notes.length === 0 ? [] : ["## To do", "", ...notes.map((note) => `- ${note}`), ""]),
  ].join("\n");
}
