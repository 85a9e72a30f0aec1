/** From the SDK's events to what the timeline shows. */

import { EventType, RelationType, type MatrixEvent, type Room } from "matrix-js-sdk";
import type { Translate } from "@/lib/language";
import { INVITE, tellCall } from "./calls/lines";
import { DISAPPEARING, readSeconds } from "./disappearing/disappearing";
import { tellRule } from "./disappearing/tell";
import { nameOfMember } from "./naming";
import { POLL_STARTS } from "./polls/poll";
import type { Fact } from "./timeline";

export interface EventFact extends Fact {
  event: MatrixEvent;
}

const MESSAGES = new Set<string>([
  EventType.RoomMessage,
  EventType.RoomMessageEncrypted,
  EventType.Sticker,
  ...POLL_STARTS,
]);

export function readFacts(room: Room, events: readonly MatrixEvent[]): EventFact[] {
  return events.map((event) => ({
    // The id changes when the server has an own message; the transaction's stays.
    key: event.getTxnId() ?? event.getId() ?? String(event.getTs()),
    sender: event.getSender() ?? "",
    at: event.getTs(),
    kind: chooseKind(event, room),
    event,
  }));
}

/**
 * When the newest message was written that somebody else has read or written.
 *
 * @param place the chat, or a thread in it, which has receipts of its own.
 */
export function findSeen(
  place: Pick<Room, "getReceiptsForEvent">,
  ownId: string,
  events: readonly MatrixEvent[],
): number {
  const seen = events.findLast(
    (event) =>
      (event.status === null && event.getSender() !== ownId) ||
      place.getReceiptsForEvent(event).some(({ userId }) => userId !== ownId),
  );
  return seen?.getTs() ?? 0;
}

function chooseKind(event: MatrixEvent, room: Room): Fact["kind"] {
  if (event.isRelation(RelationType.Replace) || event.isRelation(RelationType.Annotation)) {
    return "hidden";
  }
  const type = event.getType();
  if (event.isState()) return isTold(event, room) ? "notice" : "hidden";
  if (type === INVITE) return "notice";
  return MESSAGES.has(type) ? "message" : "hidden";
}

const TOLD = new Set<string>([
  EventType.RoomName,
  EventType.RoomCreate,
  EventType.RoomEncryption,
  EventType.RoomPinnedEvents,
  DISAPPEARING,
]);

function isOfCreator(event: MatrixEvent, room: Room): boolean {
  return event.getStateKey() === room.getCreator();
}

function isTold(event: MatrixEvent, room: Room): boolean {
  if (event.getType() !== "m.room.member") return TOLD.has(event.getType());
  const { membership } = event.getContent();
  // Whoever makes a chat joins it: that goes without saying.
  const isMaker = membership === "join" && event.getPrevContent().membership === undefined;
  return membership !== event.getPrevContent().membership && !(isMaker && isOfCreator(event, room));
}

/** What a state event or a call says, as a sentence. */
export function tellNotice(room: Room, event: MatrixEvent, t: Translate): string {
  const by = nameOfMember(room, event.getSender() ?? "");
  const { name } = event.getContent<{ name?: unknown }>();
  switch (event.getType()) {
    case "m.room.create":
      return t("groupMade", { name: by });
    case "m.room.encryption":
      return t("encryptionOn");
    case DISAPPEARING:
      return tellRule(by, readSeconds(event.getContent()), t);
    case INVITE:
      return tellCall(room, event, t, by);
    case "m.room.pinned_events":
      return t("pinnedBy", { name: by });
    case "m.room.name":
      return t("groupNamed", { name: by, title: typeof name === "string" ? name : "" });
    default:
      return tellMembership(room, event, t, by);
  }
}

function tellMembership(room: Room, event: MatrixEvent, t: Translate, by: string): string {
  const name = nameOfMember(room, event.getStateKey() ?? "");
  const isOwn = event.getSender() === event.getStateKey();
  switch (event.getContent().membership) {
    case "join":
      return t("joined", { name });
    case "invite":
      return t("invited", { by, name });
    case "ban":
      return t("banned", { by, name });
    default:
      return isOwn ? t("left", { name }) : t("removed", { by, name });
  }
}

export interface Reaction {
  key: string;
  count: number;
  /** The id of one's own reaction, with which it is taken back. */
  ownId: string | undefined;
}

export function readReactions(room: Room, event: MatrixEvent): Reaction[] {
  const relations = room.relations.getChildEventsForEvent(
    event.getId() ?? "",
    RelationType.Annotation,
    EventType.Reaction,
  );
  return (relations?.getSortedAnnotationsByKey() ?? []).flatMap(([key, events]) => {
    const held = [...events].filter((reaction) => !reaction.isRedacted());
    const own = held.find((reaction) => reaction.getSender() === room.myUserId);
    return held.length > 0 ? [{ key, count: held.length, ownId: own?.getId() }] : [];
  });
}

/** The content to show: the newest edit's, where there is one. */
export function currentContent(event: MatrixEvent): Record<string, unknown> {
  const edit = event.replacingEvent()?.getContent()["m.new_content"] as
    | Record<string, unknown>
    | undefined;
  return edit ?? event.getContent();
}
