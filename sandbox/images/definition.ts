import type { ProgressSink } from "../progress";

/** A file or folder that is put into an image. */
export interface ImageContent {
  /** Absolute path on this machine: a file, or a folder with everything in it. */
  readonly from: string;
  /** Absolute path inside the image. */
  readonly to: string;
  /** Permissions of a file, e.g. 0o755. @default as on this machine, readable by everybody */
  readonly mode?: number;
}

/** An account that exists inside an image, beside those of the base. */
export interface ImageAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Home directory, created and owned by the account. */
  readonly home: string;
}

/** How a container starts when the manifest says nothing else: the fields of the same names of an OCI image. */
export interface ImageProcess {
  readonly entrypoint: readonly string[];
  /** @default none */
  readonly command?: readonly string[];
  /** Numeric `uid:gid`, so that the kubelet can tell that it is not root. */
  readonly user: string;
  /** @default "/" */
  readonly workingDirectory?: string;
  /** Names and values. PATH is always set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Asks the program to end in an orderly way. @default SIGTERM */
  readonly stopSignal?: "SIGINT" | "SIGQUIT";
}

/** What an image of the sandbox consists of. */
export interface ImageDefinition {
  /** Key in `catalog/images.ts` where the platform has such an image, else the program's name. */
  readonly name: string;
  /** Version line of the server in it, e.g. "15". */
  readonly tag: string;
  /** What is in it, for people: "PostgreSQL 15 (Debian)". */
  readonly title: string;
  /** Debian packages beyond those of the base. */
  readonly packages: readonly string[];
  /** Fetches or builds what `content` names, unless it is there. Called before anything is read from these paths. */
  readonly prepare?: (progress: ProgressSink) => Promise<void>;
  readonly content: readonly ImageContent[];
  /** Directories that have to exist, with their owner and permissions. */
  readonly directories?: readonly { readonly path: string; readonly owner?: string; readonly mode?: number }[];
  /** Symbolic links: path inside the image → what it points to. */
  readonly links?: Readonly<Record<string, string>>;
  readonly accounts?: readonly ImageAccount[];
  readonly process: ImageProcess;
}
