/** Takes messages whose time has come out of the chats on this device, to the second. */

import {
  Direction,
  MatrixEventEvent,
  RoomEvent,
  RoomStateEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
} from "matrix-js-sdk";
import { computeExpiries, DISAPPEARING, readSeconds } from "./disappearing";

// The longest a browser's timer can wait is some 24 days; a look each hour costs nothing.
const WAIT_MS_MAX = 3_600_000;
const SOON_MS = 200;

/** When each message that is loaded of a chat disappears. */
export function findExpiries(room: Room): Map<string, number> {
  const timeline = room.getLiveTimeline();
  const threads = room.getThreads().flatMap((thread) => thread.events);
  const all = [...new Set([...timeline.getEvents(), ...threads])];
  if (threads.length > 0) all.sort((one, other) => one.getTs() - other.getTs());
  // The state that was kept for offline use has the first change already at the beginning: what was
  // before it, the change itself says.
  const change = all.find(isRule);
  const first = change
    ? readSeconds(change.getPrevContent())
    : ruleOf(timeline.getState(Direction.Backward)?.getStateEvents(DISAPPEARING, ""));
  const events = all.map((event) => {
    return {
      id: event.getId() ?? "",
      at: event.getTs(),
      isState: event.isState(),
      ...(isRule(event) ? { rule: readSeconds(event.getContent()) } : {}),
    };
  });
  return computeExpiries(first, events);
}

function isRule(event: MatrixEvent): boolean {
  return event.getType() === DISAPPEARING && event.isState();
}

export function ruleOf(event: MatrixEvent | null | undefined): number {
  return event ? readSeconds(event.getContent()) : 0;
}

function removeEvent(room: Room, id: string): boolean {
  const sets = room.getThreads().map((thread) => thread.timelineSet);
  const isGone = sets.map((set) => set.removeEvent(id) !== null).includes(true);
  return room.removeEvent(id) || isGone;
}

/** The rule that holds in a chat now, in seconds; 0 where messages stay. */
export function currentRule(room: Room): number {
  return ruleOf(room.getLiveTimeline().getState(Direction.Forward)?.getStateEvents(DISAPPEARING, ""));
}

/**
 * Watch all chats.
 *
 * @param onGone hears which messages are gone, so that nothing else keeps them.
 * @returns what ends it.
 */
export function watchExpiries(client: MatrixClient, onGone: (ids: string[]) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Infinity;
  const run = () => {
    timer = undefined;
    dueAt = Infinity;
    const now = Date.now();
    let next = now + WAIT_MS_MAX;
    const gone: string[] = [];
    for (const room of client.getRooms()) {
      for (const [id, at] of findExpiries(room)) {
        if (at > now) next = Math.min(next, at);
        else if (removeEvent(room, id)) gone.push(id);
      }
    }
    if (gone.length > 0) onGone(gone);
    plan(next);
  };
  const plan = (at: number) => {
    if (at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(run, Math.max(SOON_MS, at - Date.now()));
  };
  // A burst of news is one look.
  const soon = () => plan(Date.now() + SOON_MS);
  const news = [RoomEvent.Timeline, RoomEvent.LocalEchoUpdated, RoomStateEvent.Events, MatrixEventEvent.Decrypted];
  for (const name of news) client.on(name as never, soon as never);
  document.addEventListener("visibilitychange", soon);
  run();
  return () => {
    clearTimeout(timer);
    for (const name of news) client.off(name as never, soon as never);
    document.removeEventListener("visibilitychange", soon);
  };
}
