/**
 * What was written before, to go back to and forth. Pure.
 *
 * A browser's own history of a text ends where a program changes the text, as a button of
 * formatting or a chosen name does; and it is one for all places where one writes.
 */

import type { Selected } from "./marks";

export interface History {
  past: readonly Selected[];
  now: Selected;
  future: readonly Selected[];
  /** Whether the newest change was a letter, to which the next may be added. */
  isWord: boolean;
}

// Beyond this nobody goes back.
const STEPS_MAX = 200;

export function beginHistory(text: string): History {
  const now = { text, start: text.length, end: text.length };
  return { past: [], now, future: [], isWord: false };
}

/**
 * Note a change; the letters of a word are one step.
 *
 * @param isComposing whether an input method is at work: all until it is done is one step too.
 */
export function changeText(history: History, next: Selected, isComposing = false): History {
  const { past, now } = history;
  if (next.text === now.text) return { ...history, now: next };
  const isWord = isComposing || isLetter(now, next);
  const kept = isWord && history.isWord ? past : [...past, now].slice(-STEPS_MAX);
  return { past: kept, now: next, future: [], isWord };
}

/** What comes next is a step of its own. */
export function endStep(history: History): History {
  return { ...history, isWord: false };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (!before) return history;
  const future = [history.now, ...history.future];
  return { past: history.past.slice(0, -1), now: before, future, isWord: false };
}

export function redo(history: History): History {
  const [after, ...future] = history.future;
  if (!after) return history;
  return { past: [...history.past, history.now], now: after, future, isWord: false };
}

/** Whether a change is one sign more at the caret, and no white space, which ends a word. */
function isLetter(before: Selected, after: Selected): boolean {
  const caret = after.start;
  if (before.start !== before.end || after.text.length !== before.text.length + 1) return false;
  const isThere = after.text.slice(0, caret - 1) + after.text.slice(caret) === before.text;
  return isThere && !/\s/.test(after.text.slice(caret - 1, caret));
}

/** What a key asks for: Ctrl (or ⌘) and Z, with Shift or Y for the way forth. */
export function stepOfKey(pressed: {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}): typeof undo | undefined {
  if (!(pressed.ctrlKey || pressed.metaKey) || pressed.altKey) return undefined;
  const key = pressed.key.toLowerCase();
  if (key === "z") return pressed.shiftKey ? redo : undo;
  return key === "y" && !pressed.shiftKey ? redo : undefined;
}
