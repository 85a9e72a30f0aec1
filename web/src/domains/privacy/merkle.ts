/**
 * Verifies the log of who looked, with the browser's own crypto and nothing of the server's.
 *
 * Source: RFC 9162, 2.1 (the tree and its proofs); C2SP tlog-checkpoint and signed-note.
 */

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

export interface VerifierKey {
  origin: string;
  hash: Uint8Array;
  key: Uint8Array;
}

export class BadProof extends Error {}

const ED25519 = 1;
const KEY_HASH_BYTES = 4;
const HASH_BYTES = 32;
const encoder = new TextEncoder();

export function fromHex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new BadProof("no hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new BadProof("no base64");
  }
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

const inner = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);

/** What the log holds of an entry: the hash of its salt and body. */
export function commit(salt: string, body: string): Promise<Uint8Array> {
  return sha256(fromHex(salt), encoder.encode(body));
}

export function hashLeaf(commitment: Uint8Array): Promise<Uint8Array> {
  return sha256(Uint8Array.of(0), commitment);
}

export async function readVerifierKey(text: string): Promise<VerifierKey> {
  const [origin = "", hash = "", ...rest] = text.trim().split("+");
  const raw = fromBase64(rest.join("+"));
  if (raw[0] !== ED25519 || raw.length !== HASH_BYTES + 1) throw new BadProof("no Ed25519 key");
  const found = (await sha256(encoder.encode(`${origin}\n`), raw)).slice(0, KEY_HASH_BYTES);
  if (!isSame(found, fromHex(hash))) throw new BadProof("the key's hash does not fit it");
  return { origin, hash: found, key: raw.slice(1) };
}

/** Reads a checkpoint that the key has signed; throws for any other. */
export async function openCheckpoint(note: string, by: VerifierKey): Promise<Checkpoint> {
  const cut = note.indexOf("\n\n");
  const text = `${note.slice(0, cut)}\n`;
  const [origin = "", size = "", root = ""] = text.split("\n");
  const checkpoint = { origin, size: Number(size), root: fromBase64(root) };
  if (cut < 0 || !/^(0|[1-9]\d{0,15})$/.test(size) || checkpoint.root.length !== HASH_BYTES) {
    throw new BadProof("no checkpoint");
  }
  if (origin !== by.origin) throw new BadProof("of another log");
  for (const line of note.slice(cut + 2).split("\n")) {
    if (line.startsWith(`— ${by.origin} `) && (await isSignedBy(line, text, by))) return checkpoint;
  }
  throw new BadProof("not signed by the log's key");
}

async function isSignedBy(line: string, text: string, by: VerifierKey): Promise<boolean> {
  const raw = fromBase64(line.slice(`— ${by.origin} `.length));
  if (!isSame(raw.slice(0, KEY_HASH_BYTES), by.hash)) return false;
  const key = await crypto.subtle.importKey("raw", join(by.key), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, join(raw.slice(KEY_HASH_BYTES)), encoder.encode(text));
}

interface Inclusion {
  leaf: Uint8Array;
  index: number;
  size: number;
  root: Uint8Array;
  proof: Uint8Array[];
}

// Halves instead of shifts: a shift would cut a number above 2^31.
const half = (number: number) => Math.floor(number / 2);

/** Whether a leaf is in the tree (2.1.3.2). */
export async function isIncluded({ leaf, index, size, root, proof }: Inclusion): Promise<boolean> {
  if (!(index >= 0 && index < size)) return false;
  let [position, last, computed] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      computed = await inner(sibling, computed);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      computed = await inner(computed, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && isSame(computed, root);
}

/** Whether the newer tree begins with the older (2.1.4.2). */
export async function isConsistent(
  older: { size: number; root: Uint8Array },
  newer: { size: number; root: Uint8Array },
  proof: Uint8Array[],
): Promise<boolean> {
  if (older.size === newer.size) return proof.length === 0 && isSame(older.root, newer.root);
  // The empty log is the beginning of every other.
  if (older.size === 0) return proof.length === 0;
  if (older.size > newer.size || proof.length === 0) return false;
  return isContinued(older, newer, proof);
}

async function isContinued(
  older: { size: number; root: Uint8Array },
  newer: { size: number; root: Uint8Array },
  proof: Uint8Array[],
): Promise<boolean> {
  const isComplete = Number.isInteger(Math.log2(older.size));
  const hashes = isComplete ? [older.root, ...proof] : proof;
  let [position, last] = [older.size - 1, newer.size - 1];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  let old = hashes[0] ?? older.root;
  let made = old;
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      old = await inner(sibling, old);
      made = await inner(sibling, made);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      made = await inner(made, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && isSame(old, older.root) && isSame(made, newer.root);
}
