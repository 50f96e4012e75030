import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 of a text, in hexadecimal digits. */
export function sha256OfText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** SHA-256 of a file, in hexadecimal digits, and its size in bytes. */
export async function sha256OfFile(file: string): Promise<{ readonly digest: string; readonly size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { digest: hash.digest("hex"), size };
}
