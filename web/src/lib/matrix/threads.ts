/**
 * Counts replies that were decrypted before their thread was fetched.
 *
 * The SDK takes a message of a thread that it does not know yet for read, and never looks again.
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
    if (client.getRoom(event.getRoomId())?.getThread(id)?.initialEventsFetched) return;
    early.set(id, [...(early.get(id) ?? []), event]);
  });
  client.on(ClientEvent.Room, (room: Room) => {
    room.on(ThreadEvent.Update, countAgain);
  });
}
