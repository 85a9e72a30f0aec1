/**
 * Checkpoints of the log told on in encrypted messages: a house that shows two members two logs is
 * found out as soon as one of them writes to the other. Pure: who asks the server is handed in.
 *
 * Source: RFC 9162, 2.1.4; C2SP tlog-checkpoint and tlog-witness; for what it may tell of the
 * sender: RFC draft-ietf-trans-gossip, "pollination".
 */

import { BadProof, fromHex, isConsistent, openCheckpoint, readVerifierKey, type Checkpoint } from "./merkle";

/** In the encrypted content of a message: what the sender's app was shown of the log. */
export const TOLD = "org.teahouse.log_checkpoint";
// A checkpoint has some 200 letters, a key 100.
const LENGTH_MAX = 2000;

export interface Told {
  key: string;
  note: string;
}

/** Who told, and where. */
export interface Source {
  sender: string;
  room_id: string;
  event_id: string;
  sent_at: number;
}

/** What a member can show to others: each half is signed, so nobody can have made it up. */
export interface Evidence {
  kind: "split" | "unproven" | "otherKey";
  found_at: number;
  told: Told & Source;
  shown: Told;
  /** What the house gave as proof that one log begins with the other, or how it refused. */
  proof: string[] | string;
}

/** How the house is asked. `prove` gives hashes, or throws `Refused` where the house will not. */
export interface House {
  shown: () => Promise<Told>;
  prove: (older: number, newer: number) => Promise<string[]>;
}

export class Refused extends Error {}

/** What a message tells of the log, if it does; from outside, so nothing is taken for granted. */
export function readTold(content: Record<string, unknown>): Told | null {
  const found = content[TOLD];
  if (typeof found !== "object" || found === null) return null;
  const { key, note } = found as Partial<Record<keyof Told, unknown>>;
  if (typeof key !== "string" || typeof note !== "string") return null;
  return key.length + note.length > LENGTH_MAX ? null : { key, note };
}

/**
 * Holds what another was shown against what the house shows here.
 *
 * @returns null where they are one log, or what was told is nobody's word.
 * @throws where the house can't be reached: then it is judged another time.
 */
export async function judge(
  told: Told,
  source: Source,
  house: House,
  now: number,
): Promise<Evidence | null> {
  let theirs: Checkpoint;
  try {
    theirs = await openCheckpoint(told.note, await readVerifierKey(told.key));
  } catch (trouble) {
    // Anybody can write anything. Only what the key has signed is the house's word.
    if (trouble instanceof BadProof) return null;
    throw trouble;
  }
  const shown = await house.shown();
  const ours = await openCheckpoint(shown.note, await readVerifierKey(shown.key));
  if (theirs.origin !== ours.origin) return null;
  const evidence = { found_at: now, told: { ...told, ...source }, shown };
  if (told.key !== shown.key) return { ...evidence, kind: "otherKey", proof: [] };
  const [older, newer] = theirs.size <= ours.size ? [theirs, ours] : [ours, theirs];
  if (older.size === 0) return null;
  if (older.size === newer.size) {
    const isSame = await isConsistent(older, newer, []);
    return isSame ? null : { ...evidence, kind: "split", proof: [] };
  }
  let proof: string[];
  try {
    proof = await house.prove(older.size, newer.size);
  } catch (trouble) {
    if (!(trouble instanceof Refused)) throw trouble;
    return { ...evidence, kind: "unproven", proof: trouble.message };
  }
  const holds = await isConsistent(older, newer, proof.map(fromHex)).catch(() => false);
  return holds ? null : { ...evidence, kind: "split", proof };
}

/** Whether a chat shall be told today: at most one message in each chat and day carries it. */
export function isDue(toldOn: Record<string, string>, roomId: string, day: string): boolean {
  return toldOn[roomId] !== day;
}

/** Notes a chat as told, and forgets the days before. */
export function noteTold(
  toldOn: Record<string, string>,
  roomId: string,
  day: string,
): Record<string, string> {
  const today = Object.entries(toldOn).filter(([, on]) => on === day);
  return { ...Object.fromEntries(today), [roomId]: day };
}
