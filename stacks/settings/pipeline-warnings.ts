import type { Settings } from "./schema";

/** What works in the Pipeline suite's settings but deserves a second look. */
export function pipelineWarnings({ pipeline }: Settings): string[] {
  const { enabled, jenkins, internalNodePorts, imageGate } = pipeline;
  if (!enabled) {
    return [];
  }
  const all: [shown: boolean, text: string][] = [
    [
      jenkins.builds === "privileged",
      "platform:pipeline.jenkins.builds is privileged: whoever may change a job of Jenkins has all rights over the node that it runs on.",
    ],
    [
      jenkins.access === "open",
      "platform:pipeline.jenkins.access is open: Jenkins asks nobody for a login. Only network policies keep people away from it, and from the logins that it holds.",
    ],
    [
      internalNodePorts,
      "platform:pipeline.internalNodePorts is true: everybody who reaches a node can call Jenkins and the suite's APIs, whose logins are compiled into public images.",
    ],
    [
      imageGate === "await",
      "platform:pipeline.imageGate is await: the run waits until all images of the suite can be pulled, and fails after a quarter of an hour. With skip the programs start by themselves later.",
    ],
  ];
  return all.filter(([shown]) => shown).map(([, text]) => text);
}
