/** What the buttons and keys of the composer do to a text. Pure. */

export interface Selected {
  text: string;
  start: number;
  end: number;
}

export type Mark = "bold" | "italic" | "strike" | "code" | "quote" | "list" | "numbers" | "link";

const AROUND: Partial<Record<Mark, string>> = { bold: "**", italic: "_", strike: "~~", code: "`" };
const BEFORE: Partial<Record<Mark, string>> = { quote: "> ", list: "- ", numbers: "1. " };

/** Give the selected text a mark, or take it away where it has it. */
export function applyMark(selected: Selected, mark: Mark): Selected {
  if (mark === "link") return makeLink(selected);
  const sign = AROUND[mark];
  if (sign === undefined) return markLines(selected, BEFORE[mark] ?? "");
  const isBlock = mark === "code" && inside(selected).includes("\n");
  return isBlock ? wrap(selected, "```\n", "\n```") : wrap(selected, sign, sign);
}

function inside({ text, start, end }: Selected): string {
  return text.slice(start, end);
}

function wrap({ text, start, end }: Selected, left: string, right: string): Selected {
  const [before, middle, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  if (before.endsWith(left) && after.startsWith(right)) {
    const shorter = before.slice(0, -left.length) + middle + after.slice(right.length);
    return { text: shorter, start: start - left.length, end: end - left.length };
  }
  const longer = before + left + middle + right + after;
  return { text: longer, start: start + left.length, end: end + left.length };
}

function markLines({ text, start, end }: Selected, sign: string): Selected {
  const first = text.lastIndexOf("\n", start - 1) + 1;
  const lines = text.slice(first, end).split("\n");
  const isMarked = lines.every((line) => line.startsWith(sign));
  const changed = lines
    .map((line) => (isMarked ? line.slice(sign.length) : sign + line))
    .join("\n");
  const caret = first + changed.length;
  return { text: text.slice(0, first) + changed + text.slice(end), start: caret, end: caret };
}

function makeLink(selected: Selected): Selected {
  const { text, start, end } = selected;
  const words = inside(selected);
  const isAddress = /^https?:\/\/\S+$/.test(words);
  const made = isAddress ? `[](${words})` : `[${words}](https://)`;
  // Where something is missing the caret waits for it.
  const caret = isAddress ? start + 1 : start + made.length - 1;
  return { text: text.slice(0, start) + made + text.slice(end), start: caret, end: caret };
}

const KEYS: Record<string, Mark> = { b: "bold", i: "italic", e: "code", k: "link" };
const SHIFT_KEYS: Record<string, Mark> = {
  KeyX: "strike",
  Digit7: "numbers",
  Digit8: "list",
  Digit9: "quote",
};

interface Pressed {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The mark that a key stands for: Ctrl (or ⌘) and a letter. */
export function markOfKey(pressed: Pressed): Mark | undefined {
  if (!(pressed.ctrlKey || pressed.metaKey) || pressed.altKey) return undefined;
  return pressed.shiftKey ? SHIFT_KEYS[pressed.code] : KEYS[pressed.key.toLowerCase()];
}

/** What is typed after an `@` before the caret, for which members are looked up. */
export function readQuery(text: string, caret: number): { at: number; query: string } | undefined {
  const found = /(?:^|[^\w@/.])@([^\s@]{0,40})$/u.exec(text.slice(0, caret));
  if (!found) return undefined;
  const query = found[1] ?? "";
  return { at: caret - query.length - 1, query };
}
