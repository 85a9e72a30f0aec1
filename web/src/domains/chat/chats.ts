/** The list of chats as rows. */

import { ClientEvent, MatrixEventEvent, RoomEvent, RoomMemberEvent, RoomStateEvent, type MatrixClient, type MatrixEvent, type Room } from "matrix-js-sdk";
import { useMemo } from "react";
import { useT, type Translate } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { countUnreadInRoom, UNREAD_NEWS } from "@/lib/matrix/unread";
import { isArchived, isPinned } from "./arranging/tags";
import { findPeer, isChat, nameOfMember, nameOfRoom, pictureOfRoom, summarise } from "./naming";
import { useChatSlots, type ChatSlots } from "./slots";

export interface ChatRow {
  roomId: string;
  /** Whose colour the avatar has: the other member's in a one-to-one chat. */
  colourId: string;
  name: string;
  picture: string | undefined;
  last: string;
  at: number;
  unread: number;
  /** Whether somebody names this member, or calls everybody, in what is unread. */
  isCalled: boolean;
  isInvite: boolean;
  isPinned: boolean;
  /** Put away, and nothing new was said since. */
  isArchived: boolean;
}

const NEWS = [
  ClientEvent.Room,
  ClientEvent.DeleteRoom,
  ClientEvent.AccountData,
  ...UNREAD_NEWS,
  RoomEvent.Name,
  RoomEvent.MyMembership,
  RoomEvent.Tags,
  RoomStateEvent.Members,
  RoomMemberEvent.Name,
  MatrixEventEvent.Replaced,
] as const;

// How far back a line to show is looked for: reactions and the like show nothing.
const LOOK_BACK = 20;

export function useChats(): ChatRow[] {
  const client = useClient();
  const t = useT();
  const slots = useChatSlots();
  const news = useNews(client, NEWS);
  // The SDK's objects change in place; `news` says when.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => listChats(client, t, slots), [client, t, slots, news]);
}

function listChats(client: MatrixClient, t: Translate, slots: ChatSlots): ChatRow[] {
  return client
    .getVisibleRooms()
    .filter(isChat)
    .map((room) => makeRow(client, room, t, slots))
    .sort((one, other) => rank(other) - rank(one) || other.at - one.at);
}

/** Invitations first, then what the member keeps at the top. */
function rank(row: ChatRow): number {
  return Number(row.isInvite) * 2 + Number(row.isPinned);
}

export function countUnread(rows: readonly ChatRow[]): number {
  return rows.reduce((sum, row) => sum + row.unread + Number(row.isInvite), 0);
}

function makeRow(client: MatrixClient, room: Room, t: Translate, slots: ChatSlots): ChatRow {
  const isInvite = room.getMyMembership() === "invite";
  const found = isInvite ? undefined : findLast(client, room, t, slots);
  const peer = findPeer(client, room);
  const unread = countUnreadInRoom(room);
  return {
    roomId: room.roomId,
    colourId: peer ?? room.roomId,
    name: nameOfRoom(client, room),
    picture: pictureOfRoom(client, room),
    last: isInvite ? tellInvite(room, t) : (found?.text ?? ""),
    at: found?.event.getTs() ?? room.getLastActiveTimestamp(),
    unread: unread.total,
    isCalled: unread.calls > 0,
    isInvite,
    isPinned: isPinned(room),
    isArchived: isArchived(room) && !isInvite && unread.total === 0,
  };
}

function findLast(
  client: MatrixClient,
  room: Room,
  t: Translate,
  slots: ChatSlots,
): { event: MatrixEvent; text: string } | undefined {
  const events = room.getLiveTimeline().getEvents();
  for (const event of events.slice(-LOOK_BACK).reverse()) {
    if (event.isEncrypted() && !event.getClearContent() && !event.isDecryptionFailure()) {
      void client.decryptEventIfNeeded(event);
    }
    const text = summarise({ room, event, t, slots });
    if (text !== undefined) return { event, text };
  }
  return undefined;
}

function tellInvite(room: Room, t: Translate): string {
  const by = room.getDMInviter() ?? room.getMember(room.myUserId)?.events.member?.getSender();
  return by ? t("invitedBy", { name: nameOfMember(room, by) }) : t("invitation");
}
