/** The pinned messages of a chat: state of the room, so that everybody has the same. */

import { Direction, EventType, RoomStateEvent, type MatrixClient, type MatrixEvent, type Room } from "matrix-js-sdk";
import { useEffect, useMemo, useState } from "react";
import { useClient, useNews } from "@/lib/matrix/context";

// More are no longer a help, and each may have to be fetched.
const SHOWN_MAX = 50;

/** Ids of the pinned messages, the newest pin last. */
export function readPinned(room: Room): string[] {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  const content = state?.getStateEvents(EventType.RoomPinnedEvents, "")?.getContent<{ pinned?: unknown }>();
  const pinned = Array.isArray(content?.pinned) ? content.pinned : [];
  return [...new Set(pinned.filter((id) => typeof id === "string"))].slice(-SHOWN_MAX);
}

export function mayPin(room: Room): boolean {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  return state?.maySendStateEvent(EventType.RoomPinnedEvents, room.myUserId) ?? false;
}

export async function setPinned(
  client: MatrixClient,
  room: Room,
  eventId: string,
  isPinned: boolean,
): Promise<void> {
  const others = readPinned(room).filter((id) => id !== eventId);
  const pinned = isPinned ? [...others, eventId] : others;
  await client.sendStateEvent(room.roomId, EventType.RoomPinnedEvents, { pinned }, "");
}

export interface Pinned {
  id: string;
  /** Nothing while it is fetched, and where it can't be. */
  event: MatrixEvent | undefined;
}

// What was fetched, so that opening a chat again asks for nothing twice.
const fetched = new Map<string, MatrixEvent | undefined>();

/** The pinned messages, the newest pin first; those that are not here are fetched. */
export function usePinned(room: Room, shown = SHOWN_MAX): { pinned: Pinned[]; count: number } {
  const client = useClient();
  const news = useNews(client, [RoomStateEvent.Events]);
  const [loads, setLoads] = useState(0);
  // The SDK's objects change in place; `news` says when.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const ids = useMemo(() => readPinned(room).reverse(), [room, news]);
  const wanted = ids.slice(0, shown).join(" ");
  useEffect(() => {
    const missing = wanted.split(" ").filter((id) => id && !room.findEventById(id) && !fetched.has(id));
    for (const id of missing) {
      void fetchOne(client, room, id).then((event) => {
        fetched.set(id, event);
        setLoads((count) => count + 1);
      });
    }
  }, [client, room, wanted]);
  const pinned = useMemo(
    () =>
      ids.slice(0, shown).flatMap((id) => {
        const event = room.findEventById(id) ?? fetched.get(id);
        return event?.isRedacted() ? [] : [{ id, event }];
      }),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [room, ids, shown, loads],
  );
  return { pinned, count: ids.length };
}

async function fetchOne(
  client: MatrixClient,
  room: Room,
  id: string,
): Promise<MatrixEvent | undefined> {
  try {
    const event = client.getEventMapper()(await client.fetchRoomEvent(room.roomId, id));
    await client.decryptEventIfNeeded(event);
    return event;
  } catch {
    return undefined;
  }
}
