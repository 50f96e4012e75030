import { createPrivateKey, X509Certificate } from "node:crypto";
import { checkedText, type Fault } from "./checked";

interface Block {
  /** What the first line says: `CERTIFICATE`, `RSA PRIVATE KEY`, … */
  readonly type: string;
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=:,.\-\r\n ]*?\r?\n-----END \1-----/g;

/** The blocks of a PEM text, or why it is not one. Nothing may stand between blocks: it would end in files. */
function blocksOf(text: string): Block[] | string {
  if (!text.includes("-----BEGIN")) {
    if (/^(?:ssh-|ecdsa-)/.test(text)) {
      return "This is a public key of SSH.";
    }
    return /^\S+$/.test(text) && text.length < 300
      ? "This is no PEM text. If it is the name of a file: write what is in it."
      : "This is no PEM text.";
  }
  const blocks = [...text.matchAll(BLOCK)].map(([block, type = ""]) => ({ type, text: block }));
  const rest = text.replace(BLOCK, "");
  if (rest.includes("-----BEGIN") || blocks.length === 0) {
    return rest.includes("\\n")
      ? "Its line breaks are written as \\n; in YAML use a block (|)."
      : "One of its blocks is cut off, or damaged.";
  }
  return rest.trim() === "" ? blocks : "There is other text before, between or behind the blocks.";
}

function certificatesOf(text: string): X509Certificate[] | string {
  const blocks = blocksOf(text);
  if (typeof blocks === "string") {
    return blocks;
  }
  const foreign = blocks.find(({ type }) => type !== "CERTIFICATE");
  if (foreign !== undefined) {
    return foreign.type.includes("PRIVATE KEY")
      ? "A private key stands among the certificates. Others may have read it: make a new one."
      : `Among the certificates is a ${foreign.type}.`;
  }
  const certificates: X509Certificate[] = [];
  for (const block of blocks) {
    try {
      certificates.push(new X509Certificate(block.text));
    } catch {
      return `Certificate ${certificates.length + 1} of ${blocks.length} is cut off or damaged.`;
    }
  }
  return certificates;
}

/** Why a certificate is of no use today. */
function timeFault({ validFrom, validTo }: X509Certificate): string | undefined {
  const now = new Date();
  if (new Date(validTo) < now) {
    return `It expired at ${new Date(validTo).toISOString()}.`;
  }
  return new Date(validFrom) > now ? `It is not valid before ${new Date(validFrom).toISOString()}.` : undefined;
}

const chainFault: Fault<string> = (text) => {
  const certificates = certificatesOf(text);
  if (typeof certificates === "string") {
    return certificates;
  }
  const [fault] = certificates.flatMap((each, index) => {
    const reason = timeFault(each);
    return reason === undefined ? [] : [`Certificate ${index + 1} of ${certificates.length}: ${reason}`];
  });
  return fault;
};

const authorityFault: Fault<string> = (text) => {
  const certificates = certificatesOf(text);
  if (typeof certificates === "string") {
    return certificates;
  }
  const leaf = certificates.findIndex((each) => !each.ca && !signedItself(each));
  if (leaf >= 0) {
    return `Certificate ${leaf + 1} of ${certificates.length} is one of a server and no authority.`;
  }
  // While an authority is replaced, the old one may stand beside the new one for a while.
  const faults = certificates.map(timeFault);
  return faults.includes(undefined) ? undefined : faults[0];
};

function signedItself(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** A certificate, followed by those that lead to its authority. What cannot work is refused here, not by a server weeks later. */
export const certificateChain = (description: string) =>
  checkedText(chainFault).meta({ description, allowed: "one or more certificates in PEM, none of them expired" });

/** Certificates of authorities. */
export const authorityText = (description: string) =>
  checkedText(authorityFault).meta({
    description,
    allowed: "one or more certificates of authorities in PEM, at least one of them valid today",
  });

/** Why a text is no private key that programs can use. It says nothing of the text itself. */
export const privateKeyFault: Fault<string> = (text) => {
  const blocks = blocksOf(text);
  if (typeof blocks === "string") {
    return blocks;
  }
  const [block, ...others] = blocks;
  if (block === undefined || others.length > 0 || !block.type.endsWith("PRIVATE KEY")) {
    return "This is something else than one private key.";
  }
  if (block.type === "OPENSSH PRIVATE KEY") {
    return openSshFault(block.text);
  }
  try {
    createPrivateKey(block.text);
    return undefined;
  } catch {
    return block.type.includes("ENCRYPTED") || block.text.includes("ENCRYPTED")
      ? "The key has a passphrase, and nobody could type it."
      : "The key is cut off or damaged.";
  }
};

/** Reads what OpenSSH says about a key of its own form: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function openSshFault(block: string): string | undefined {
  const damaged = "The key is cut off or damaged.";
  const data = Buffer.from(block.replace(/-----[^-]+-----/g, ""), "base64");
  const magic = "openssh-key-v1\0";
  let position = magic.length;
  const field = (): Buffer | undefined => {
    const length = position + 4 <= data.length ? data.readUInt32BE(position) : Number.POSITIVE_INFINITY;
    const end = position + 4 + length;
    if (end > data.length) {
      return undefined;
    }
    const found = data.subarray(position + 4, end);
    position = end;
    return found;
  };
  const cipher = data.subarray(0, magic.length).toString("latin1") === magic ? field() : undefined;
  if (cipher === undefined) {
    return damaged;
  }
  if (cipher.toString() !== "none") {
    return "The key has a passphrase, and nobody could type it.";
  }
  field();
  field();
  position += 4; // the number of keys
  return field() === undefined || field() === undefined ? damaged : undefined;
}
