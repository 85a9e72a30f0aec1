/** The votes of a poll: what the server has of them, and what came since. */

import {
  Direction,
  EventStatus,
  MatrixEventEvent,
  RelationType,
  RoomEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
} from "matrix-js-sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient, useNews } from "@/lib/matrix/context";
import type { Vote } from "./poll";

const NEWS = [
  RoomEvent.Timeline,
  RoomEvent.Redaction,
  RoomEvent.LocalEchoUpdated,
  MatrixEventEvent.Decrypted,
] as const;
const RESPONSES = new Set(["org.matrix.msc3381.poll.response", "m.poll.response"]);
const ENDS = new Set(["org.matrix.msc3381.poll.end", "m.poll.end"]);
// A page has at most a hundred: nobody's poll may keep this device busy for ever.
const PAGES_MAX = 50;
const PAGE = 100;

export interface Votes {
  votes: Vote[];
  /** When it was closed by somebody who may. */
  closedAt: number | undefined;
  hasUnread: boolean;
  state: "loading" | "ready" | "trouble";
  reload: () => void;
}

// What was fetched of each poll, so that scrolling past it asks once.
const fetched = new Map<string, MatrixEvent[]>();

export function useVotes(room: Room, start: MatrixEvent): Votes {
  const client = useClient();
  useNews(client, NEWS);
  const id = start.status === null ? (start.getId() ?? "") : "";
  const [state, setState] = useState<Votes["state"]>(fetched.has(id) ? "ready" : "loading");
  const load = useCallback(
    () =>
      fetchRelations(client, room.roomId, id).then(
        (found) => {
          fetched.set(id, found);
          setState("ready");
        },
        () => setState("trouble"),
      ),
    [client, room, id],
  );
  useEffect(() => {
    if (id && !fetched.has(id)) void load();
  }, [id, load]);
  return { ...sortOut(room, start, listRelated(room, start)), state, reload: () => void load() };
}

async function fetchRelations(client: MatrixClient, roomId: string, id: string): Promise<MatrixEvent[]> {
  const found: MatrixEvent[] = [];
  let from: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await client.relations(roomId, id, RelationType.Reference, null, {
      limit: PAGE,
      ...(from ? { from } : {}),
    });
    await Promise.all(answer.events.map((event) => client.decryptEventIfNeeded(event)));
    found.push(...answer.events);
    from = answer.nextBatch ?? undefined;
    if (!from) break;
  }
  return found;
}

/** Events that refer to a poll, once each; own ones that are on their way too. */
function listRelated(room: Room, start: MatrixEvent): MatrixEvent[] {
  const id = start.getId() ?? "";
  // What refers to something in a thread stands in the thread.
  const events = start.getThread()?.events ?? room.getLiveTimeline().getEvents();
  const live = events.filter((event) => event.relationEventId === id);
  const all = [...(fetched.get(id) ?? []), ...live].map(
    (event) => [event.getTxnId() ?? event.getId(), event] as const,
  );
  return [...new Map(all).values()].filter(
    (event) => !event.isRedacted() && event.status !== EventStatus.NOT_SENT,
  );
}

function sortOut(room: Room, start: MatrixEvent, related: MatrixEvent[]) {
  const ends = related.filter((event) => ENDS.has(event.getType()) && mayEnd(room, start, event));
  const votes = related
    .filter((event) => RESPONSES.has(event.getType()))
    .map((event) => ({
      sender: event.getSender() ?? "",
      at: event.getTs(),
      content: event.getContent<Record<string, unknown>>(),
    }));
  return {
    votes,
    closedAt: ends.length > 0 ? Math.min(...ends.map((event) => event.getTs())) : undefined,
    hasUnread: related.some((event) => event.isDecryptionFailure()),
  };
}

/** MSC3381: who began the poll closes it, or who may delete others' messages. */
function mayEnd(room: Room, start: MatrixEvent, end: MatrixEvent): boolean {
  const sender = end.getSender() ?? "";
  return sender === start.getSender() || mayModerate(room, start, sender);
}

export function mayModerate(room: Room, event: MatrixEvent, userId: string): boolean {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  return state?.maySendRedactionForEvent(event, userId) ?? false;
}
