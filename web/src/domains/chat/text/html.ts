/**
 * HTML that strangers wrote, as a tree of nothing but what a message may have.
 *
 * No part of it ever goes to the browser as HTML: `FormattedText` makes elements of the tree.
 * Source: Matrix Client-Server API, m.room.message msgtypes, allowed tags and attributes.
 */

import { Parser } from "htmlparser2";

export interface Branch {
  tag: string;
  /** Where a link leads; only addresses that can do no harm. */
  href?: string;
  /** The number that a list starts with. */
  start?: number;
  /** Whether it is hidden until somebody wants to see it, and why. */
  spoiler?: string;
  children: Leaf[];
}

export type Leaf = string | Branch;

const ALLOWED = new Set(
  `del s h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em code hr br div table
   thead tbody tr th td caption pre span details summary`.split(/\s+/),
);
// What these hold is no text: programs, styles, and the quote that old clients repeat.
const DROPPED = new Set(["mx-reply", "script", "style", "title", "noscript", "template", "iframe"]);
const LINKS = /^(https?|ftp|mailto|magnet|matrix):/i;
// The specification's own limit.
const DEPTH_MAX = 100;
const LENGTH_MAX = 60_000;

/** Read the formatted body of a message; what is not allowed is left out, its text is kept. */
export function readHtml(html: string): Leaf[] {
  const root: Branch = { tag: "", children: [] };
  // Elements that are left out leave no branch, but end with a tag as others do.
  const open: { name: string; branch: Branch | undefined }[] = [];
  let dropped = 0;
  const here = () => open.findLast(({ branch }) => branch)?.branch ?? root;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (DROPPED.has(name)) dropped += 1;
      const branch = dropped === 0 && open.length < DEPTH_MAX ? grow(name, attributes) : undefined;
      if (dropped === 0 && name === "img") here().children.push(attributes.alt ?? "");
      if (branch) here().children.push(branch);
      open.push({ name, branch });
    },
    ontext(text) {
      if (dropped > 0) return;
      const { children } = here();
      const last = children.at(-1);
      if (typeof last === "string") children[children.length - 1] = last + text;
      else children.push(text);
    },
    onclosetag(name) {
      if (open.at(-1)?.name !== name) return;
      open.pop();
      if (DROPPED.has(name)) dropped -= 1;
    },
  });
  parser.write(html.slice(0, LENGTH_MAX));
  parser.end();
  return root.children;
}

function grow(tag: string, attributes: Record<string, string>): Branch | undefined {
  if (!ALLOWED.has(tag)) return undefined;
  const branch: Branch = { tag, children: [] };
  const { href, start } = attributes;
  if (tag === "a" && href && LINKS.test(href)) branch.href = href;
  if (tag === "ol" && start && /^\d{1,9}$/.test(start)) branch.start = Number(start);
  if (tag === "span" && "data-mx-spoiler" in attributes) {
    branch.spoiler = attributes["data-mx-spoiler"] ?? "";
  }
  return branch;
}

/** The member that a link of a message means. */
export function readPill(href: string): string | undefined {
  const found =
    /^https:\/\/matrix\.to\/#\/(@[^/?]+|%40[^/?]+)/i.exec(href)?.[1] ??
    /^matrix:u\/([^/?]+)/i.exec(href)?.[1]?.replace(/^/, "@");
  if (!found) return undefined;
  try {
    const userId = decodeURIComponent(found);
    return /^@[^:\s]+:\S+$/.test(userId) ? userId : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a tree, without its formatting. */
export function readText(leaves: readonly Leaf[]): string {
  return leaves
    .map((leaf) => (typeof leaf === "string" ? leaf : leaf.tag === "br" ? "\n" : readText(leaf.children)))
    .join("");
}

/** The members whom a formatted body names, with what stands there: for writing it anew. */
export function listPills(leaves: readonly Leaf[]): { userId: string; name: string }[] {
  return leaves.flatMap((leaf) => {
    if (typeof leaf === "string") return [];
    const userId = leaf.href ? readPill(leaf.href) : undefined;
    if (!userId) return listPills(leaf.children);
    return [{ userId, name: readText(leaf.children).replace(/^@/, "") }];
  });
}
