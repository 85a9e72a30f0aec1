/** What a member does with their list of chats: tags of Matrix, so that every client knows them. */

import { EventType, MatrixEvent, type MatrixClient, type Room } from "matrix-js-sdk";

const PINNED = "m.favourite";
const ARCHIVED = "m.lowpriority";

export function isPinned(room: Room): boolean {
  return PINNED in room.tags;
}

export function isArchived(room: Room): boolean {
  return ARCHIVED in room.tags;
}

/** Keep a chat at the top, or let it go with the others again; what is kept there is not archived. */
export async function pinChat(client: MatrixClient, room: Room, isWanted: boolean): Promise<void> {
  await setTag(client, room, PINNED, isWanted);
  if (isWanted && isArchived(room)) await setTag(client, room, ARCHIVED, false);
}

/** Put a chat away, or take it back. */
export async function archiveChat(client: MatrixClient, room: Room, isWanted: boolean): Promise<void> {
  await setTag(client, room, ARCHIVED, isWanted);
  if (isWanted && isPinned(room)) await setTag(client, room, PINNED, false);
}

async function setTag(client: MatrixClient, room: Room, tag: string, isWanted: boolean): Promise<void> {
  if (isWanted) await client.setRoomTag(room.roomId, tag, { order: 0.5 });
  else await client.deleteRoomTag(room.roomId, tag);
  // The sync tells of it too: until then the list should not show what was changed.
  const tags = { ...room.tags };
  if (isWanted) tags[tag] = { order: 0.5 };
  else Reflect.deleteProperty(tags, tag);
  room.addTags(new MatrixEvent({ type: EventType.Tag, content: { tags } }));
}
