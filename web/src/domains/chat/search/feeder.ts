/**
 * Feeds the index: with what comes, with what is scrolled to, and, when there is time, with what
 * was said before, read back a page at a time.
 */

import {
  Direction,
  MatrixEventEvent,
  RoomEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
} from "matrix-js-sdk";
import { DISAPPEARING, readSeconds } from "../disappearing/disappearing";
import { findExpiries } from "../disappearing/vanish";
import { readEntry } from "./said";
import type { SearchIndex } from "./searchIndex";

const PAGE = 100;
// Reading back must not be felt: a page in a while.
const PAUSE_MS = 400;
const TROUBLE_PAUSE_MS = 15_000;
const TROUBLES_MAX = 4;
const MESSAGES_OF_ROOM_MAX = 20_000;

/** @returns what ends it. */
export function feedIndex(client: MatrixClient, index: SearchIndex): () => void {
  const state = { isEnded: false };
  const take = (event: MatrixEvent) => {
    const room = client.getRoom(event.getRoomId());
    if (room?.getMyMembership() !== "join") return;
    // Deleted while this device was away, or while another page of it was open.
    if (event.isRedacted()) index.forget([event.getId() ?? ""]);
    const entry = readEntry(event, expiryOf(room, event));
    if (entry) index.add(entry);
  };
  const decryptAndTake = async (event: MatrixEvent) => {
    await client.decryptEventIfNeeded(event).catch(() => undefined);
    take(event);
  };
  const onTimeline = (event: MatrixEvent, _room?: Room, _start?: boolean, isRemoved?: boolean) => {
    if (!isRemoved) void decryptAndTake(event);
  };
  const onRedaction = (redaction: MatrixEvent) => {
    // Since room version 11 it stands in the content.
    const { redacts } = redaction.getContent();
    const id = redaction.event.redacts ?? (redacts as unknown);
    if (typeof id === "string") index.forget([id]);
  };
  const onMembership = (room: Room, membership: string) => {
    if (membership === "leave" || membership === "ban") index.forgetRoom(room.roomId);
    if (membership === "join") reading.begin(room);
  };
  const onReset = (room?: Room) => {
    if (room) reading.begin(room);
  };
  const reading = makeReading(client, index, take, state);
  client.on(RoomEvent.Timeline, onTimeline);
  client.on(MatrixEventEvent.Decrypted, take);
  client.on(RoomEvent.LocalEchoUpdated, take);
  client.on(RoomEvent.Redaction, onRedaction);
  client.on(RoomEvent.MyMembership, onMembership);
  client.on(RoomEvent.TimelineReset, onReset);
  for (const room of client.getRooms()) {
    if (room.getMyMembership() !== "join") continue;
    for (const event of room.getLiveTimeline().getEvents()) void decryptAndTake(event);
    reading.begin(room);
  }
  return () => {
    state.isEnded = true;
    client.off(RoomEvent.Timeline, onTimeline);
    client.off(MatrixEventEvent.Decrypted, take);
    client.off(RoomEvent.LocalEchoUpdated, take);
    client.off(RoomEvent.Redaction, onRedaction);
    client.off(RoomEvent.MyMembership, onMembership);
    client.off(RoomEvent.TimelineReset, onReset);
  };
}

/**
 * When a message disappears, as far as this device knows.
 *
 * Of one that is older than what is loaded the rule of its time is not known: it is forgotten by the
 * one that holds or held last, since to find a message too short a time harms nobody.
 */
function expiryOf(room: Room, event: MatrixEvent): number | undefined {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  const rule = state?.getStateEvents(DISAPPEARING, "");
  if (!rule) return undefined;
  const loaded = findExpiries(room);
  const id = event.getId() ?? "";
  if (loaded.has(id) || room.findEventById(id)) return loaded.get(id);
  const seconds = readSeconds(rule.getContent()) || readSeconds(rule.getPrevContent());
  return seconds > 0 ? event.getTs() + seconds * 1000 : undefined;
}

/** Reads chats back, one after another. */
function makeReading(
  client: MatrixClient,
  index: SearchIndex,
  take: (event: MatrixEvent) => void,
  state: { isEnded: boolean },
) {
  const waiting = new Set<Room>();
  let isUnderWay = false;
  const run = async () => {
    isUnderWay = true;
    let troubles = 0;
    for (let room = first(waiting); room && !state.isEnded; room = first(waiting)) {
      waiting.delete(room);
      try {
        await readBack(client, index, take, room, state);
      } catch {
        // Offline, or the server is busy: later again, and not for ever.
        troubles += 1;
        if (troubles > TROUBLES_MAX) break;
        waiting.add(room);
        await pause(TROUBLE_PAUSE_MS);
      }
    }
    isUnderWay = false;
    index.tellReading(false);
  };
  return {
    begin: (room: Room) => {
      waiting.add(room);
      if (!isUnderWay) void run();
    },
  };
}

function first<T>(set: Set<T>): T | undefined {
  return set.values().next().value;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Read one chat back, to its beginning or to where an earlier visit came.
 *
 * First from what is shown to what is known already, since there may be a gap between; then on
 * from the place that was kept.
 */
async function readBack(
  client: MatrixClient,
  index: SearchIndex,
  take: (event: MatrixEvent) => void,
  room: Room,
  state: { isEnded: boolean },
): Promise<void> {
  const kept = index.places[room.roomId];
  let from = room.getLiveTimeline().getPaginationToken(Direction.Backward);
  let isNearby = kept !== undefined;
  let count = kept?.count ?? 0;
  while (from && !state.isEnded && count < MESSAGES_OF_ROOM_MAX && !index.isFull) {
    index.tellReading(true);
    const { events, end } = await readPage(client, room, from);
    const isKnown = events.some((event) => index.has(event.getId() ?? ""));
    for (const event of events) take(event);
    from = end;
    if (!isNearby) {
      count += events.length;
      index.keepPlace(room.roomId, { from, count });
    } else if (isKnown || !from) {
      isNearby = false;
      from = kept?.from ?? null;
    }
    await pause(PAUSE_MS);
  }
  // The whole chat is loaded: nothing is to be read back.
  if (!from && !kept) index.keepPlace(room.roomId, { from: null, count });
}

async function readPage(client: MatrixClient, room: Room, from: string) {
  const answer = await client.createMessagesRequest(room.roomId, from, PAGE, Direction.Backward);
  const events = answer.chunk.map(client.getEventMapper());
  for (const event of events) await client.decryptEventIfNeeded(event).catch(() => undefined);
  return { events, end: events.length > 0 ? (answer.end ?? null) : null };
}
