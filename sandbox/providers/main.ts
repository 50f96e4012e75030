import { failureLog } from "./failure-log";
import { journalKeyVariable, type ProcessOptions } from "./index";
import { builtinPackages } from "./packages";
import { servePackage } from "./protocol/server";

/**
 * Entry of the provider process. Takes its options as JSON, writes the ports to its parent
 * (`kubernetes:PORT,random:PORT,tls:PORT` over the IPC channel), and lives until that channel closes.
 */
async function main({ logFile, embedded = false, journalFile }: ProcessOptions): Promise<void> {
  // Ctrl-C reaches the whole process group of the terminal. The engine decides what is still finished or cancelled,
  // and it needs its providers for that.
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit(0));

  const key = process.env[journalKeyVariable];
  const journal = journalFile === undefined || key === undefined ? undefined : { file: journalFile, key };
  const log = failureLog(logFile, (line) => process.stderr.write(line));
  const servers = builtinPackages({ embedded, journal }).map(async ({ name, version, factory }) => {
    const port = await servePackage({
      name,
      version,
      factory,
      reportFailure: (operation, error) => log(name, operation, error),
    });
    return `${name}:${port}`;
  });
  process.send?.((await Promise.all(servers)).join(","));
}

main(JSON.parse(process.argv[2] ?? "{}") as ProcessOptions).catch((error: Error) => {
  process.stderr.write(`The builtin providers could not start: ${error.stack}\n`);
  process.exit(1);
});
