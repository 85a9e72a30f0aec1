/** What chats and people are called, and one line of what was said last. */

import { Direction, EventType, RelationType, type MatrixClient, type MatrixEvent, type Room } from "matrix-js-sdk";
import type { Translate } from "@/lib/language";
import { readDirectChats } from "@/lib/matrix/client";
import { INVITE, tellCall } from "./calls/lines";
import { findSlot, type ChatSlots } from "./slots";

// By the content that it was read from, which the SDK replaces when it changes: a list of a thousand
// chats asks for each of them.
const peers = new WeakMap<object, Map<string, string>>();
const NOBODY = {};

/** The other member of a one-to-one chat. */
export function findPeer(client: MatrixClient, room: Room): string | undefined {
  const content = client.getAccountData(EventType.Direct)?.getContent() ?? NOBODY;
  let found = peers.get(content);
  if (!found) {
    const direct = Object.entries(readDirectChats(client));
    found = new Map(
      direct.reverse().flatMap(([userId, ids]) => ids.map((id) => [id, userId] as const)),
    );
    peers.set(content, found);
  }
  return found.get(room.roomId) ?? room.getDMInviter();
}

export function nameOfMember(room: Room | null, userId: string): string {
  const name = room?.getMember(userId)?.rawDisplayName;
  // Of who has left or has no name the SDK shows the whole id.
  return name === undefined || name === userId ? shortId(userId) : name;
}

/** A member's id without this house's name. */
export function shortId(userId: string): string {
  return userId.replace(/^@/, "").split(":")[0] ?? userId;
}

export function nameOfRoom(client: MatrixClient, room: Room): string {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  const isNamed = state?.getStateEvents(EventType.RoomName, "") != null;
  const peer = isNamed ? undefined : findPeer(client, room);
  return peer ? nameOfMember(room, peer) : room.name;
}

export function pictureOfRoom(client: MatrixClient, room: Room): string | undefined {
  const peer = findPeer(client, room);
  const ofPeer = peer ? room.getMember(peer)?.getMxcAvatarUrl() : undefined;
  return room.getMxcAvatarUrl() ?? ofPeer ?? undefined;
}

/** Whether a plain person may write to a chat that is a place and not a space. */
export function isChat(room: Room): boolean {
  return !room.isSpaceRoom() && ["join", "invite"].includes(room.getMyMembership());
}

export function isEncrypted(room: Room): boolean {
  return room.hasEncryptionStateEvent();
}

interface Said {
  room: Room;
  event: MatrixEvent;
  t: Translate;
  slots: ChatSlots;
}

/** One line of what an event says; nothing for what is no message. */
export function summarise({ room, event, t, slots }: Said): string | undefined {
  if (event.isRelation(RelationType.Replace) || event.isRelation(RelationType.Annotation)) {
    return undefined;
  }
  if (event.isRedacted()) return t("deleted");
  const content: Record<string, unknown> = event.getContent();
  const slot = findSlot(slots, content, event.getType());
  const sender = event.getSender() ?? "";
  if (slot) return slot.summarise(content, t);
  if (event.isDecryptionFailure() || event.getType() === "m.room.encrypted") {
    return t("previewEncrypted");
  }
  if (event.getType() === "m.room.encryption") return t("encryptionOn");
  if (event.getType() === "m.room.create") {
    return t("groupMade", { name: nameOfMember(room, sender) });
  }
  if (event.getType() === INVITE) return tellCall(room, event, t, nameOfMember(room, sender));
  if (event.getType() !== "m.room.message") return undefined;
  return withSender(room, sender, t, summariseMessage(event, t));
}

function summariseMessage(event: MatrixEvent, t: Translate): string {
  const edit = event.replacingEvent()?.getContent<Record<string, unknown>>();
  const content = (edit?.["m.new_content"] ?? event.getContent()) as Record<string, unknown>;
  const body = typeof content.body === "string" ? content.body : "";
  if (content.msgtype === "m.image") return t("previewPhoto");
  if (content.msgtype === "m.file") return t("previewFile", { name: body });
  if (content.msgtype === "m.audio") return t("voice");
  if (content.msgtype === "m.video") return t("video");
  return withoutQuote(body);
}

/** In groups a line says whose it is. */
function withSender(room: Room, sender: string, t: Translate, text: string): string {
  if (sender === room.myUserId) return t("previewOf", { name: t("you"), text });
  if (room.getInvitedAndJoinedMemberCount() <= 2) return text;
  return t("previewOf", { name: nameOfMember(room, sender), text });
}

/** Replies of older clients repeat what they answer as lines that begin with ">". */
export function withoutQuote(body: string): string {
  return body.startsWith("> <") ? body.replace(/^(?:>.*\n)+\n?/, "") : body;
}
