/** What a message says, as elements: formatting, links, members' names. */

import type { Room } from "matrix-js-sdk";
import { createElement, Fragment, memo, useMemo, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { useT } from "@/lib/language";
import { nameOfMember } from "../naming";
import { splitLinks } from "../timeline";
import { readHtml, readPill, type Branch, type Leaf } from "./html";
import { ROOM_MENTION } from "./markdown";
import styles from "./text.module.css";

interface Props {
  content: Record<string, unknown>;
  /** The plain text, without what older clients repeat in it. */
  body: string;
  room: Room;
}

interface Place {
  room: Room;
  /** Whether `@room` in it calls everybody. */
  callsRoom: boolean;
  /** Whether addresses become links here: not within a link or code. */
  hasLinks: boolean;
}

const HTML = "org.matrix.custom.html";
// Without children, as HTML has them.
const EMPTY = new Set(["br", "hr"]);
// What a message calls a heading is not one of this page's.
const AS: Record<string, string> = { h1: "p", h2: "p", h3: "p", h4: "p", h5: "p", h6: "p" };
// Spaces between these are the writer's layout, and no text.
const NO_TEXT = new Set(["ul", "ol", "table", "thead", "tbody", "tr"]);

export const FormattedText = memo(function FormattedText({ content, body, room }: Props) {
  const html = content.format === HTML && typeof content.formatted_body === "string" ? content.formatted_body : "";
  const leaves = useMemo(() => (html ? readHtml(html) : undefined), [html]);
  const place = { room, callsRoom: callsRoom(content), hasLinks: true };
  if (!leaves) return <Words text={body} place={place} />;
  return (
    <span className={styles.formatted}>
      <Leaves leaves={leaves} place={place} />
    </span>
  );
});

function callsRoom(content: Record<string, unknown>): boolean {
  return (content["m.mentions"] as { room?: unknown } | undefined)?.room === true;
}

function Leaves({ leaves, place }: { leaves: readonly Leaf[]; place: Place }) {
  return leaves.map((leaf, index) =>
    typeof leaf === "string" ? (
      <Words key={index} text={leaf} place={place} />
    ) : (
      <BranchElement key={index} branch={leaf} place={place} />
    ),
  );
}

function BranchElement({ branch, place }: { branch: Branch; place: Place }): ReactNode {
  const { tag, href } = branch;
  if (EMPTY.has(tag)) return createElement(tag);
  if (branch.spoiler !== undefined) return <Spoiler branch={branch} place={place} />;
  if (tag === "a") return href ? <Address href={href} branch={branch} place={place} /> : <Leaves leaves={branch.children} place={place} />;
  const inside = tag === "code" || tag === "pre" ? { ...place, hasLinks: false } : place;
  const children = NO_TEXT.has(tag)
    ? branch.children.filter((leaf) => typeof leaf !== "string")
    : branch.children;
  const shown = <Leaves leaves={children} place={inside} />;
  if (tag === "table") return <div className={styles.wide}><table>{shown}</table></div>;
  // Code scrolls by itself, for a keyboard too.
  if (tag === "pre") return <pre tabIndex={0}>{shown}</pre>;
  if (AS[tag]) return <p className={styles.heading}>{shown}</p>;
  return createElement(tag, branch.start === undefined ? null : { start: branch.start }, shown);
}

function Address({ href, branch, place }: { href: string; branch: Branch; place: Place }) {
  const userId = readPill(href);
  if (userId) return <Pill userId={userId} room={place.room} />;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      <Leaves leaves={branch.children} place={{ ...place, hasLinks: false }} />
    </a>
  );
}

/** A member's name within a text, which leads to the member. */
function Pill({ userId, room }: { userId: string; room: Room }) {
  const isOwn = userId === room.myUserId;
  return (
    <Link
      to={isOwn ? "/me" : `/contacts/${encodeURIComponent(userId)}`}
      className={`${styles.pill ?? ""} ${isOwn ? (styles.pillOwn ?? "") : ""}`}
    >
      @{nameOfMember(room, userId)}
    </Link>
  );
}

function Spoiler({ branch, place }: { branch: Branch; place: Place }) {
  const t = useT();
  const [isOpen, setIsOpen] = useState(false);
  const shown = <Leaves leaves={branch.children} place={place} />;
  if (isOpen) return <span>{shown}</span>;
  return (
    <button type="button" className={styles.spoiler} onClick={() => setIsOpen(true)}>
      {t("spoiler", { has: branch.spoiler ? "yes" : "no", reason: branch.spoiler ?? "" })}
    </button>
  );
}

function Words({ text, place }: { text: string; place: Place }) {
  if (!place.hasLinks) return text;
  return splitLinks(text).map((piece, index) =>
    "link" in piece ? (
      <a key={index} href={piece.link} target="_blank" rel="noopener noreferrer nofollow">
        {piece.text}
      </a>
    ) : (
      <Fragment key={index}>{place.callsRoom ? <Called text={piece.text} /> : piece.text}</Fragment>
    ),
  );
}

function Called({ text }: { text: string }) {
  const [before = "", ...after] = text.split(ROOM_MENTION);
  return (
    <>
      {before}
      {after.map((words, index) => (
        <Fragment key={index}>
          <b className={styles.pill}>@room</b>
          {words}
        </Fragment>
      ))}
    </>
  );
}
