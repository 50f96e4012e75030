import type { Settings } from "./schema";

/** What works in the Source Control suite's settings but deserves a second look. */
export function sourceControlWarnings({ sourceControl }: Settings): string[] {
  const { enabled, manager, imageGate } = sourceControl;
  if (!enabled) {
    return [];
  }
  return [
    ...(manager.administrator === undefined
      ? [
          "platform:sourceControl.manager.administrator is not set: SCM-Manager's administrator has the password that is compiled into public images, so everybody who reaches its address can read and change all repositories. " +
            "Change it there and here as docs/source-control.md says.",
        ]
      : []),
    ...(imageGate === "await"
      ? [
          "platform:sourceControl.imageGate is await: the run waits until all images of the suite can be pulled, and fails after a quarter of an hour. " +
            "With skip the applications start by themselves later.",
        ]
      : []),
  ];
}
