/**
 * What is unread in threads, where the SDK guesses.
 *
 * It takes every thread for read until the member has read one for the first time (for members who
 * come from clients without threads), and a reply for read that is decrypted before its thread is
 * known, at which it never looks again.
 */

import {
  ClientEvent,
  fixNotificationCountOnDecryption,
  MatrixEventEvent,
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
