import type { ImageDefinition } from "../definition";

/** Takes the place of the official image `python`, for programs that use the standard library only. */
export const python: ImageDefinition = {
  name: "python",
  tag: "3.11",
  title: "Python 3.11 (Debian)",
  packages: ["python3"],
  content: [],
  links: { "/usr/local/bin/python": "/usr/bin/python3" },
  process: {
    entrypoint: [],
    command: ["python3"],
    user: "65532:65532",
    environment: { LANG: "C.UTF-8" },
  },
};
