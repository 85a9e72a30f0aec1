/** From what a member writes (Markdown) to what a message says: a plain body and an HTML one. */

import MarkdownIt from "markdown-it";
import { splitLinks } from "../timeline";

/** A member whose name was chosen while writing; the text has `@name`. */
export interface Mention {
  userId: string;
  name: string;
}

export interface Written {
  body: string;
  /** HTML, where it says more than the body. */
  formatted: string | undefined;
  userIds: string[];
  /** Whether everybody in the room is called. */
  isRoom: boolean;
}

interface Found extends Record<string | symbol, unknown> {
  mentions: readonly Mention[];
  userIds: Set<string>;
}

export const ROOM_MENTION = /(?<![\w@])@room(?!\w)/;
const MATRIX_TO = "https://matrix.to/#/";
const SCHEME = /https?$/i;
// Types of tokens, as markdown-it names the two ends of what stands between.
const [LINK_OPEN, LINK_CLOSE] = ["link_open", "link_close"];

const markdown = new MarkdownIt({ html: false, breaks: true })
  // Pictures come from nowhere else; lines of a chat are no headings because of what follows them,
  // and no code because somebody began with spaces.
  .disable(["image", "lheading", "code", "reference"]);

type InlineRule = Parameters<typeof markdown.inline.ruler.push>[1];
type InlineState = Parameters<InlineRule>[0];

/** An address stays whole, whatever signs of formatting are in it. */
const findAddress: InlineRule = (state, silent) => {
  if (!state.src.startsWith("://", state.pos)) return false;
  const scheme = SCHEME.exec(state.pending)?.[0];
  if (!scheme) return false;
  const [first] = splitLinks(state.src.slice(state.pos - scheme.length));
  if (!first || !("link" in first)) return false;
  if (!silent) {
    state.pending = state.pending.slice(0, -scheme.length);
    pushLink(state, first.link, first.text);
  }
  state.pos += first.link.length - scheme.length;
  return true;
};

const findMention: InlineRule = (state, silent) => {
  if (state.src[state.pos] !== "@") return false;
  const { mentions, userIds } = state.env as unknown as Found;
  const found = mentions.find(({ name }) => state.src.startsWith(`@${name}`, state.pos));
  if (!found) return false;
  if (!silent) {
    userIds.add(found.userId);
    pushLink(state, `${MATRIX_TO}${encodeURIComponent(found.userId)}`, `@${found.name}`);
  }
  state.pos += found.name.length + 1;
  return true;
};

function pushLink(state: InlineState, href: string, text: string): void {
  state.push(LINK_OPEN, "a", 1).attrs = [["href", href]];
  state.push("text", "", 0).content = text;
  state.push(LINK_CLOSE, "a", -1);
}

markdown.inline.ruler.before("text", "mention", findMention);
markdown.inline.ruler.before("text", "address", findAddress);

/**
 * Read what was typed.
 *
 * @param mentions the members that were chosen, of whom those count that still stand in the text.
 * @param mayCallRoom whether `@room` calls everybody when this member writes it.
 */
export function readMarkdown(
  typed: string,
  mentions: readonly Mention[] = [],
  mayCallRoom = false,
): Written {
  const body = typed.trim();
  // The longest first: "@Lin Yue" is not "@Lin" and something.
  const sorted = [...mentions].sort((one, other) => other.name.length - one.name.length);
  const env: Found = { mentions: sorted, userIds: new Set() };
  const tokens = markdown.parse(body, env);
  const isMore = env.userIds.size > 0 || readPlain(tokens) !== body.replace(/\s*\n\s*/g, "\n");
  return {
    body,
    formatted: isMore
      ? unwrap(markdown.renderer.render(tokens, markdown.options, env).trim())
      : undefined,
    userIds: [...env.userIds],
    isRoom: mayCallRoom && ROOM_MENTION.test(body),
  };
}

type Token = ReturnType<typeof markdown.parse>[number];

/** What stands there without any formatting; other than what was typed where there is some. */
function readPlain(tokens: Token[]): string {
  const blocks = tokens.map((token) => {
    if (token.type === "inline") return (token.children ?? []).map(readInline).join("");
    return token.type.startsWith("paragraph_") ? "" : "\u0000";
  });
  return blocks.filter((block) => block !== "").join("\n");
}

function readInline(token: Token): string {
  if (token.type === "softbreak" || token.type === "hardbreak") return "\n";
  if (token.type === "text") return token.content;
  return token.type === LINK_OPEN || token.type === LINK_CLOSE ? "" : "\u0000";
}

/** One paragraph alone is no paragraph: other clients put space around each. */
function unwrap(html: string): string {
  const inside = /^<p>([\s\S]*)<\/p>$/.exec(html)?.[1];
  return inside === undefined || inside.includes("<p>") ? html : inside;
}
