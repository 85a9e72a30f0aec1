/**
 * How many replies a thread has and what of them is unread, where the SDK guesses.
 *
 * It takes every thread for read until the member has read one for the first time (for members who
 * come from clients without threads), and a reply for read that is decrypted before its thread is
 * known, at which it never looks again. It adds a reply that /sync brings to a count of the server's
 * that holds it already.
 */

import {
  ClientEvent,
  Direction,
  fixNotificationCountOnDecryption,
  MatrixEventEvent,
  RelationType,
  ThreadEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  type Thread,
} from "matrix-js-sdk";

export function countThreads(client: MatrixClient): void {
  const early = new Map<string, MatrixEvent[]>();
  const countAgain = (thread: Thread) => {
    if (!thread.initialEventsFetched) return;
    const waiting = early.get(thread.id) ?? [];
    early.delete(thread.id);
    for (const event of waiting) fixNotificationCountOnDecryption(client, event);
  };
  client.on(MatrixEventEvent.Decrypted, (event) => {
    const id = event.threadRootId;
    if (!id || event.isThreadRoot || event.getSender() === client.getUserId()) return;
    const room = client.getRoom(event.getRoomId());
    if (room?.getThread(id) && room.findEventById(event.getId() ?? "")) return;
    early.set(id, [...(early.get(id) ?? []), event]);
  });
  client.on(ClientEvent.Room, (room: Room) => {
    room.getOldestThreadedReceiptTs = () => 0;
    room.on(ThreadEvent.Update, countAgain);
  });
}

/** How many replies a thread has: counted where all of it is here, else as the SDK says. */
export function countReplies(thread: Thread): number {
  const isWhole =
    thread.initialEventsFetched &&
    thread.liveTimeline.getPaginationToken(Direction.Backward) === null;
  if (!isWhole) return thread.length;
  const isReply = (event: MatrixEvent) =>
    event.threadRootId === thread.id &&
    event.isRelation(RelationType.Thread) &&
    !event.isRedacted();
  const ids = [...thread.events, ...thread.room.getPendingEvents()]
    .filter(isReply)
    .map((event) => event.getId());
  return new Set(ids).size;
}
