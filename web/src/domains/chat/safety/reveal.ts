/**
 * The key of one Megolm message: what a reporter reveals, and no more.
 *
 * The session's ratchet as this device knows it is turned forward to the message; from there
 * HKDF's first step gives 32 bytes that open this message and no other. The ratchet itself, which
 * would open all later ones, stays here.
 *
 * Source: Matrix specification, olm-spec "Megolm": "Ratchet", "Message encryption".
 */

const RATCHET_PARTS = 4;
const PART_BYTES = 32;
const INDEX_AT = 1;
const RATCHET_AT = 5;
// Version, index, ratchet and the session's Ed25519 key.
const EXPORT_BYTES = RATCHET_AT + RATCHET_PARTS * PART_BYTES + PART_BYTES;
const EXPORT_VERSION = 1;
const MESSAGE_VERSION = 3;
const INDEX_TAG = 0x08;

type Bytes = Uint8Array<ArrayBuffer>;

export class CannotReveal extends Error {}

export function readBase64(text: string): Bytes {
  return Uint8Array.from(atob(text.replace(/=+$/, "")), (letter) => letter.charCodeAt(0));
}

function writeBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

/** The place of a message in its session. */
export function readIndex(ciphertext: string): number {
  const bytes = readBase64(ciphertext);
  if (bytes[0] !== MESSAGE_VERSION || bytes[1] !== INDEX_TAG) throw new CannotReveal("no Megolm message");
  let index = 0;
  for (let count = 0; count < 5; count += 1) {
    const byte = bytes[2 + count];
    if (byte === undefined) break;
    index += (byte & 0x7f) * 2 ** (7 * count);
    if (byte < 0x80) return index;
  }
  throw new CannotReveal("no index");
}

/**
 * The key that opens one message.
 *
 * @param exported the session as matrix-js-sdk exports it, at the first index that is known.
 * @param index the message.
 * @returns unpadded base64 of 32 bytes.
 */
export async function revealMessageKey(exported: string, index: number): Promise<string> {
  const bytes = readBase64(exported);
  if (bytes.length !== EXPORT_BYTES || bytes[0] !== EXPORT_VERSION) throw new CannotReveal("no session");
  const known = new DataView(bytes.buffer).getUint32(INDEX_AT);
  if (index < known) throw new CannotReveal("the session is known from a later message only");
  const ratchet = Array.from({ length: RATCHET_PARTS }, (_, part) => {
    const start = RATCHET_AT + part * PART_BYTES;
    return bytes.slice(start, start + PART_BYTES);
  });
  await turn(ratchet, known, index);
  const whole = new Uint8Array(RATCHET_PARTS * PART_BYTES);
  ratchet.forEach((part, number) => whole.set(part, number * PART_BYTES));
  return writeBase64(await mac(new Uint8Array(PART_BYTES), whole));
}

/** Turn the ratchet forward, each of its parts at most 256 times. */
async function turn(ratchet: Bytes[], from: number, to: number): Promise<void> {
  let counter = from;
  for (let part = 0; part < RATCHET_PARTS; part += 1) {
    const unit = 2 ** (8 * (RATCHET_PARTS - 1 - part));
    let steps = (Math.floor(to / unit) - Math.floor(counter / unit)) % 256;
    if (steps < 0) steps += 256;
    if (steps === 0) {
      if (counter <= to) continue;
      steps = 256;
    }
    for (; steps > 1; steps -= 1) await rehash(ratchet, part, part);
    for (let next = RATCHET_PARTS - 1; next >= part; next -= 1) await rehash(ratchet, part, next);
    counter = Math.floor(to / unit) * unit;
  }
}

async function rehash(ratchet: Bytes[], from: number, to: number): Promise<void> {
  const key = ratchet[from];
  if (key) ratchet[to] = await mac(key, new Uint8Array([to]));
}

async function mac(key: Bytes, data: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey(
    "raw",
    key,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}
