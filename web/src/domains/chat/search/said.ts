/** What of an event can be searched. */

import { RelationType, type MatrixEvent } from "matrix-js-sdk";
import { withoutQuote } from "../naming";
import { readPlace } from "../location/geo";
import { readPoll } from "../polls/poll";
import type { Entry } from "./text";

// A message can be 64 kB; what stands further back is not looked for.
const TEXT_LENGTH_MAX = 4_000;

/** The entry of a message that is decrypted; nothing where it says nothing. */
export function readEntry(event: MatrixEvent, expiresAt?: number): Entry | undefined {
  const [id, roomId, sender] = [event.getId(), event.getRoomId(), event.getSender()];
  if (!id || !roomId || !sender || event.status !== null || event.isRedacted()) return undefined;
  if (event.isDecryptionFailure() || event.isState()) return undefined;
  const content: Record<string, unknown> = event.getContent();
  const isEdit = event.isRelation(RelationType.Replace);
  const shown = isEdit ? (content["m.new_content"] as Record<string, unknown> | undefined) : content;
  const text = shown && readSaid(event.getType(), shown);
  if (!text) return undefined;
  const edited = isEdit ? event.relationEventId : undefined;
  return {
    id: edited ?? id,
    roomId,
    sender,
    at: event.getTs(),
    text: text.slice(0, TEXT_LENGTH_MAX),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(isEdit ? { isEdited: true } : {}),
  };
}

function readSaid(type: string, content: Record<string, unknown>): string | undefined {
  const poll = readPoll(content);
  if (poll) return [poll.question, ...poll.answers.map(({ text }) => text)].join("\n");
  if (type !== "m.room.message" || typeof content.body !== "string") return undefined;
  const { note } = readPlace(content);
  if (content.msgtype === "m.location") return note || undefined;
  // A voice message's text is the same for all of them.
  if (content.msgtype === "m.audio" || content.msgtype === "m.key.verification.request") return undefined;
  return withoutQuote(content.body).trim() || undefined;
}
