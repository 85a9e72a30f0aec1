/**
 * This browser as a witness of the log: it keeps the newest checkpoint it saw, and demands that
 * every later one continues it. So a house that rewrites its log is found out.
 */

import { ask, ApiError } from "@/lib/http";
import { Refused, type Told } from "./gossip";
import {
  commit,
  fromHex,
  hashLeaf,
  isConsistent,
  isIncluded,
  openCheckpoint,
  readVerifierKey,
  toHex,
  type Checkpoint,
} from "./merkle";

const KEPT_AS = "teahouse.log";
const LOG = "/api/v1/privacy/log";

interface Kept {
  key: string;
  /** The signed text itself; left out by who kept one before it was told on. */
  note?: string;
  size: number;
  root: string;
  seenAt: number;
}

export type Verdict =
  | { kind: "first" | "continues"; checkpoint: Checkpoint; key: string; before: Kept | null }
  // The log does not continue what this browser saw, or is signed by another key.
  | { kind: "rewritten" | "otherKey" | "unsigned"; key: string; before: Kept | null };

export interface Entry {
  index: number;
  entered_at: number;
  salt: string;
  body: string;
  commitment: string;
}

/** What stands in an entry. */
export interface Look {
  actor: string;
  role: string;
  fields: string[];
  reason: string;
  case: string;
  deed: string;
  about: string;
  at: number;
}

export function readKept(): Kept | null {
  const kept = localStorage.getItem(KEPT_AS);
  return kept === null ? null : (JSON.parse(kept) as Kept);
}

async function askText(path: string): Promise<string> {
  const answer = await fetch(path, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new ApiError(answer.status, "unknown", `HTTP ${answer.status}`);
  return answer.text();
}

async function askProof(path: string): Promise<Uint8Array[]> {
  return (await ask<{ hashes: string[] }>(path)).hashes.map(fromHex);
}

/** What the house shows of the log now: its key, and its newest checkpoint as it was signed. */
export async function askShown(): Promise<Told> {
  const { verifier_key: key } = await ask<{ verifier_key: string }>(`${LOG}/key`);
  return { key, note: await askText(`${LOG}/checkpoint`) };
}

/**
 * What the house gives as proof that a log begins with another.
 *
 * @throws Refused where it gives none.
 */
export async function askProofOf(older: number, newer: number): Promise<string[]> {
  try {
    return (await ask<{ hashes: string[] }>(`${LOG}/consistency?old=${older}&new=${newer}`)).hashes;
  } catch (trouble) {
    const isRefusal = trouble instanceof ApiError && trouble.status >= 400 && trouble.status < 500;
    // Asked too often is no refusal.
    if (isRefusal && trouble.status !== 429) throw new Refused(trouble.message);
    throw trouble;
  }
}

/** Fetches the newest checkpoint and holds it against the one that this browser kept. */
export async function witness(): Promise<Verdict> {
  const before = readKept();
  const { key, note } = await askShown();
  if (before && before.key !== key) return { kind: "otherKey", key, before };
  let checkpoint: Checkpoint;
  try {
    checkpoint = await openCheckpoint(note, await readVerifierKey(key));
  } catch (trouble) {
    if (trouble instanceof ApiError) throw trouble;
    return { kind: "unsigned", key, before };
  }
  if (before && !(await continues(before, checkpoint))) return { kind: "rewritten", key, before };
  const { size, root } = checkpoint;
  const kept: Kept = { key, note, size, root: toHex(root), seenAt: Date.now() };
  localStorage.setItem(KEPT_AS, JSON.stringify(kept));
  return { kind: before ? "continues" : "first", checkpoint, key, before };
}

async function continues(before: Kept, now: Checkpoint): Promise<boolean> {
  const older = { size: before.size, root: fromHex(before.root) };
  if (older.size > now.size) return false;
  const isPlain = older.size === 0 || older.size === now.size;
  const proof = isPlain ? [] : (await askProofOf(older.size, now.size)).map(fromHex);
  return isConsistent(older, now, proof);
}

/** Whether an entry says what was committed to, and is in the log of the checkpoint. */
export async function isProven(entry: Entry, checkpoint: Checkpoint): Promise<boolean> {
  if (entry.index >= checkpoint.size) return false;
  const commitment = await commit(entry.salt, entry.body);
  if (toHex(commitment) !== entry.commitment) return false;
  const { size, root } = checkpoint;
  const proof = await askProof(`${LOG}/inclusion?index=${entry.index}&size=${size}`);
  return isIncluded({ leaf: await hashLeaf(commitment), index: entry.index, size, root, proof });
}

/** Reads the body of an entry; what an official request committed to may hold other words. */
export function readEntry(entry: Entry): Partial<Look> {
  try {
    return JSON.parse(entry.body) as Partial<Look>;
  } catch {
    return {};
  }
}
