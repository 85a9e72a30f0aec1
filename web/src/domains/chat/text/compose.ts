/** The content of a message that a member wrote: new, as an answer, as an edit, in a thread. */

import { RelationType, type MatrixEvent } from "matrix-js-sdk";
import type { Written } from "./markdown";

export interface Writing {
  kind: "reply" | "edit";
  event: MatrixEvent;
}

/** Where in a thread a message goes. */
export interface ThreadPlace {
  rootId: string;
  /** The newest message of the thread, which clients without threads show as answered. */
  lastId: string;
}

type Content = Record<string, unknown>;

interface Mentions {
  user_ids?: string[];
  room?: true;
}

export function composeContent(
  written: Written,
  ownId: string,
  writing?: Writing,
  thread?: ThreadPlace,
): Content {
  const id = writing?.event.getId();
  if (writing?.kind === "edit" && id) return composeEdit(written, writing.event, id);
  // Whoever is answered is told, as if named.
  const answered = writing?.event.getSender();
  const isTold = answered && answered !== ownId && !written.userIds.includes(answered);
  const told = isTold ? [...written.userIds, answered] : written.userIds;
  const content = { ...makeText(written), "m.mentions": makeMentions(told, written.isRoom) };
  const relation = relate(id, thread);
  return relation ? { ...content, "m.relates_to": relation } : content;
}

export function relate(answeredId: string | undefined, thread: ThreadPlace | undefined): Content | undefined {
  const answers = { "m.in_reply_to": { event_id: answeredId ?? thread?.lastId } };
  if (!thread) return answeredId ? answers : undefined;
  return {
    rel_type: "m.thread",
    event_id: thread.rootId,
    is_falling_back: answeredId === undefined,
    ...answers,
  };
}

/** Any content, put into a thread where one is written into. */
export function placeIn(thread: ThreadPlace | undefined, content: object): object {
  const relation = relate(undefined, thread);
  return relation ? { ...content, "m.relates_to": relation } : content;
}

function makeText(written: Written, sign = ""): Content {
  const content: Content = { msgtype: "m.text", body: sign + written.body };
  if (written.formatted === undefined) return content;
  return {
    ...content,
    format: "org.matrix.custom.html",
    formatted_body: sign + written.formatted,
  };
}

/** Always there, since without it a server looks for names in the text. */
function makeMentions(userIds: string[], isRoom: boolean): Mentions {
  return {
    ...(userIds.length > 0 ? { user_ids: userIds } : {}),
    ...(isRoom ? { room: true as const } : {}),
  };
}

/** Only who is named anew is told of an edit. */
function composeEdit(written: Written, event: MatrixEvent, id: string): Content {
  const before = readMentions(event.getContent());
  const added = written.userIds.filter((userId) => !before.userIds.includes(userId));
  return {
    ...makeText(written, "* "),
    "m.mentions": makeMentions(added, written.isRoom && !before.isRoom),
    "m.new_content": {
      ...makeText(written),
      "m.mentions": makeMentions(written.userIds, written.isRoom),
    },
    "m.relates_to": { rel_type: RelationType.Replace, event_id: id },
  };
}

/** Whom a message names; a stranger wrote it. */
export function readMentions(content: Content): { userIds: string[]; isRoom: boolean } {
  const found = content["m.mentions"] as { user_ids?: unknown; room?: unknown } | undefined;
  const userIds = Array.isArray(found?.user_ids) ? found.user_ids : [];
  return {
    userIds: userIds.filter((userId) => typeof userId === "string"),
    isRoom: found?.room === true,
  };
}
