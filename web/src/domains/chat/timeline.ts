/** What a chat's page shows of its events. Pure: knows the SDK's types only by the few facts used. */

import { daysBetween } from "@/lib/time";

/** What must be known of an event to place it. */
export interface Fact {
  key: string;
  sender: string;
  at: number;
  kind: "message" | "notice" | "hidden";
}

export type Item<F extends Fact> =
  | { is: "beginning"; key: string }
  | { is: "day"; key: string; at: number }
  | { is: "notice"; key: string; fact: F }
  | { is: "message"; key: string; fact: F; isFirst: boolean; isLast: boolean };

// Messages of one sender within this time stand together as one block.
const BLOCK_MS = 5 * 60_000;

/** Lay out a chat: a heading for each day, messages of one sender in blocks. */
export function layOut<F extends Fact>(facts: readonly F[], isBeginning = false): Item<F>[] {
  const shown = facts.filter((fact) => fact.kind !== "hidden");
  const items: Item<F>[] = isBeginning ? [{ is: "beginning", key: "beginning" }] : [];
  shown.forEach((fact, index) => {
    const [before, after] = [shown[index - 1], shown[index + 1]];
    if (!before || daysBetween(before.at, fact.at) !== 0) {
      items.push({ is: "day", key: `day ${new Date(fact.at).toDateString()} ${fact.key}`, at: fact.at });
    }
    if (fact.kind === "notice") items.push({ is: "notice", key: fact.key, fact });
    else {
      items.push({
        is: "message",
        key: fact.key,
        fact,
        isFirst: !isBlock(before, fact),
        isLast: !isBlock(fact, after),
      });
    }
  });
  return items;
}

function isBlock(earlier: Fact | undefined, later: Fact | undefined): boolean {
  return (
    earlier?.kind === "message" &&
    later?.kind === "message" &&
    earlier.sender === later.sender &&
    later.at - earlier.at < BLOCK_MS &&
    daysBetween(earlier.at, later.at) === 0
  );
}

export type Piece = { text: string } | { link: string; text: string };

const LINK = /https?:\/\/[^\s<>"'`，。！？；：、）》」]+/g;
// Signs that end a sentence rather than an address.
const TRAILING = /[.,!?;:)\]}]+$/;

/** Take a text apart into what is written and what can be opened. */
export function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = match[0].replace(TRAILING, "");
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ link, text: link });
    end = match.index + link.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** Whether a message is nothing but a few emoji, which are then shown large. */
export function isOnlyEmoji(text: string): boolean {
  const letters = [...new Intl.Segmenter().segment(text.trim())];
  return (
    letters.length > 0 &&
    letters.length <= 3 &&
    letters.every(({ segment }) => /^\p{Extended_Pictographic}/u.test(segment))
  );
}

/** The member id that somebody typed: a full one, or a name of this house. */
export function readMemberId(typed: string, serverName: string): string | undefined {
  const trimmed = typed.trim();
  if (/^@[^:\s]+:[^\s]+$/.test(trimmed)) return trimmed;
  const name = trimmed.replace(/^@/, "").toLowerCase();
  return /^[a-z0-9._=/+-]+$/.test(name) ? `@${name}:${serverName}` : undefined;
}
