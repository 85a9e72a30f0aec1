/**
 * Finding words in messages. Pure.
 *
 * A message is found if each word stands in it somewhere. There is no index of words: going
 * through a hundred thousand messages takes some tens of milliseconds (measured in the test), it
 * finds parts of words, and it is right for Chinese, which has no spaces to cut at.
 */

export interface Entry {
  id: string;
  roomId: string;
  sender: string;
  at: number;
  text: string;
  /** When it disappears. */
  expiresAt?: number;
  isEdited?: boolean;
}

/** A text in the form in which it is compared: no capitals, no accents, no wide letters. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

const HAN = /\p{Script=Han}/u;

/** The words of what was typed; a run of Chinese is cut into its words. */
export function splitWords(wanted: string): string[] {
  const words = fold(wanted)
    .split(/[\s\p{P}]+/u)
    .filter(Boolean)
    .flatMap((run) => (HAN.test(run) ? cutChinese(run) : [run]));
  return [...new Set(words)];
}

function cutChinese(run: string): string[] {
  const cut = new Intl.Segmenter("zh", { granularity: "word" }).segment(run);
  return [...cut].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
}

/** Whether enough was typed to search: two letters, or one Chinese character. */
export function isEnough(wanted: string): boolean {
  const folded = fold(wanted).replace(/[\s\p{P}]/gu, "");
  return HAN.test(folded) || folded.length >= 2;
}

export interface Indexed extends Entry {
  folded: string;
}

export interface Found {
  entries: Indexed[];
  /** How many there are in all. */
  count: number;
}

/**
 * The messages in which all words stand, the whole phrase first, then the newest.
 *
 * @param roomId only of this chat.
 */
export function findMessages(
  all: Iterable<Indexed>,
  wanted: string,
  { roomId, limit, now }: { roomId?: string | undefined; limit: number; now: number },
): Found {
  const words = splitWords(wanted);
  if (words.length === 0 || !isEnough(wanted)) return { entries: [], count: 0 };
  const phrase = fold(wanted.trim());
  const found: { entry: Indexed; isWhole: boolean }[] = [];
  for (const entry of all) {
    if (roomId !== undefined && entry.roomId !== roomId) continue;
    if (entry.expiresAt !== undefined && entry.expiresAt <= now) continue;
    if (words.every((word) => entry.folded.includes(word))) {
      found.push({ entry, isWhole: entry.folded.includes(phrase) });
    }
  }
  found.sort((one, other) => Number(other.isWhole) - Number(one.isWhole) || other.entry.at - one.entry.at);
  return { entries: found.slice(0, limit).map(({ entry }) => entry), count: found.length };
}

export interface Piece {
  text: string;
  isFound: boolean;
}

const BEFORE = 30;
const SNIPPET_LENGTH = 160;

/** The part of a message around what was found, in pieces that are marked or not. */
export function makeSnippet(text: string, wanted: string): Piece[] {
  const marks = findMarks(text, splitWords(wanted));
  const first = marks[0]?.[0] ?? 0;
  const start = first > BEFORE * 2 ? first - BEFORE : 0;
  const end = Math.min(text.length, start + SNIPPET_LENGTH);
  const pieces: Piece[] = [];
  let place = start;
  const add = (to: number, isFound: boolean) => {
    if (to > place) pieces.push({ text: text.slice(place, to), isFound });
    place = Math.max(place, to);
  };
  for (const [from, to] of marks) {
    if (from >= end) break;
    add(Math.min(from, end), false);
    add(Math.min(to, end), true);
  }
  add(end, false);
  if (start > 0) pieces.unshift({ text: "…", isFound: false });
  if (end < text.length) pieces.push({ text: "…", isFound: false });
  return pieces;
}

/** Where the words stand in a text as it was written, in order. */
function findMarks(text: string, words: readonly string[]): [number, number][] {
  // Folding changes lengths: of each folded letter it is kept which letter it came from.
  let folded = "";
  const origins: number[] = [];
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    const part = fold(segment);
    folded += part;
    origins.push(...Array.from({ length: part.length }, () => index));
  }
  origins.push(text.length);
  const marks: [number, number][] = [];
  for (const word of words) {
    for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + word.length)) {
      marks.push([origins[at] ?? 0, origins[at + word.length] ?? text.length]);
    }
  }
  return marks.sort((one, other) => one[0] - other[0]);
}
