/** The events of a chat or a thread that are here, and the way to those before, after and elsewhere. */

import {
  Direction,
  type EventTimeline,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  type Thread,
} from "matrix-js-sdk";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useClient } from "@/lib/matrix/context";

export interface Pages {
  events: MatrixEvent[];
  /** Whether the newest message is among them: not while something old is looked up. */
  isLive: boolean;
  isBeginning: boolean;
  isLoading: boolean;
  loadOlder: () => Promise<void>;
  loadNewer: () => Promise<void>;
  /** Bring a message among them; false if there is none of this id. */
  find: (eventId: string) => Promise<boolean>;
  toNewest: () => void;
}

const PAGE = 50;

export function usePages(room: Room, thread: Thread | undefined, news: number): Pages {
  const client = useClient();
  const set = thread?.timelineSet ?? room.getUnfilteredTimelineSet();
  const [base, setBase] = useState<EventTimeline>();
  const [isLoading, setIsLoading] = useState(false);
  const isUnderWay = useRef(false);
  const live = set.getLiveTimeline();
  const first = walk(base ?? live, Direction.Backward);
  const last = walk(first, Direction.Forward);
  const isLive = last === live;
  const isBeginning = first.getPaginationToken(Direction.Backward) === null;

  const load = useCallback(
    async (timeline: EventTimeline, backwards: boolean) => {
      const direction = backwards ? Direction.Backward : Direction.Forward;
      if (isUnderWay.current || timeline.getPaginationToken(direction) === null) return;
      isUnderWay.current = true;
      setIsLoading(true);
      try {
        await client.paginateEventTimeline(timeline, { backwards, limit: PAGE });
        await decrypt(client, timeline.getEvents());
      } catch {
        // Offline: scrolling asks again.
      }
      isUnderWay.current = false;
      setIsLoading(false);
    },
    [client],
  );
  useEffect(() => {
    void decrypt(client, live.getEvents());
    void room.loadMembersIfNeeded();
  }, [client, room, live]);
  const find = useCallback(
    async (eventId: string) => {
      if (walk(live, Direction.Backward) === walk(set.getTimelineForEvent(eventId) ?? undefined, Direction.Backward)) {
        setBase(undefined);
        return true;
      }
      const found = await client.getEventTimeline(set, eventId).catch(() => null);
      if (!found || set.getTimelineForEvent(eventId) !== found) return false;
      await decrypt(client, found.getEvents());
      setBase(found);
      return true;
    },
    [client, set, live],
  );
  return {
    // The SDK's objects change in place; `news` says when.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    events: useMemo(() => gather(room, thread, first, isLive), [room, thread, first, last, isLive, news, isLoading]),
    isLive,
    isBeginning,
    isLoading,
    loadOlder: useCallback(() => load(first, true), [load, first]),
    loadNewer: useCallback(() => (isLive ? Promise.resolve() : load(last, false)), [load, last, isLive]),
    find,
    toNewest: useCallback(() => setBase(undefined), []),
  };
}

/** The last timeline in a direction of those that hang together. */
function walk(from: EventTimeline, direction: Direction): EventTimeline;
function walk(from: EventTimeline | undefined, direction: Direction): EventTimeline | undefined;
function walk(from: EventTimeline | undefined, direction: Direction): EventTimeline | undefined {
  let at = from;
  for (let next = at; next; next = next.getNeighbouringTimeline(direction) ?? undefined) at = next;
  return at;
}

function gather(
  room: Room,
  thread: Thread | undefined,
  first: EventTimeline,
  isLive: boolean,
): MatrixEvent[] {
  const found: MatrixEvent[] = [];
  for (let at: EventTimeline | null = first; at; at = at.getNeighbouringTimeline(Direction.Forward)) {
    for (const event of at.getEvents()) found.push(event);
  }
  if (isLive) {
    // What is on its way is after all that has arrived.
    found.push(...room.getPendingEvents().filter((event) => event.threadRootId === thread?.id));
  }
  if (!thread) return found;
  const replies = found.filter((event) => event.getId() !== thread.id);
  const isWhole = first.getPaginationToken(Direction.Backward) === null;
  return isWhole && thread.rootEvent ? [thread.rootEvent, ...replies] : replies;
}

export async function decrypt(client: MatrixClient, events: readonly MatrixEvent[]): Promise<void> {
  await Promise.all(
    events
      .filter((event) => event.shouldAttemptDecryption())
      // Reversed: what is seen first is wanted first.
      .reverse()
      .map((event) => client.decryptEventIfNeeded(event)),
  );
}
