/**
 * What this member has not read, where everything is encrypted.
 *
 * The server can't tell which encrypted events notify, so the SDK counts them: one more each time
 * any copy of one is decrypted. But a reply comes in up to three copies (from /sync, with the page
 * of its thread, bundled with the thread's root), a copy that is decrypted before its thread is
 * known is never counted, and what is deleted is never taken off. Here it is the events that are
 * there which are counted, each once, against the member's receipts.
 */

import {
  MatrixEventEvent,
  NotificationCountType,
  RoomEvent,
  ThreadEvent,
  type IPushRules,
  type MatrixClient,
  type MatrixEvent,
  type Room,
} from "matrix-js-sdk";

export interface Unread {
  total: number;
  /** How many of them name this member, or call everybody. */
  calls: number;
}

/** After which of the client's events, and of a room's, something else may be unread. */
export const UNREAD_NEWS = [
  RoomEvent.Timeline,
  RoomEvent.Receipt,
  RoomEvent.Redaction,
  RoomEvent.UnreadNotifications,
  MatrixEventEvent.Decrypted,
] as const;
export const UNREAD_THREAD_NEWS = [ThreadEvent.New, ThreadEvent.Update] as const;

// More is shown as "99+".
const COUNTED_MAX = 100;

/** In a chat and all its threads. */
export function countUnreadInRoom(room: Room): Unread {
  if (!room.hasEncryptionStateEvent()) {
    return {
      total: room.getUnreadNotificationCount(NotificationCountType.Total),
      calls: room.getUnreadNotificationCount(NotificationCountType.Highlight),
    };
  }
  const counts = room.getThreads().map(({ id }) => countUnreadInThread(room, id));
  counts.push(count(room, room.getLiveTimeline().getEvents()));
  return {
    total: counts.reduce((sum, { total }) => sum + total, 0),
    calls: counts.reduce((sum, { calls }) => sum + calls, 0),
  };
}

export function countUnreadInThread(room: Room, threadId: string): Unread {
  if (!room.hasEncryptionStateEvent()) {
    return {
      total: room.getThreadUnreadNotificationCount(threadId, NotificationCountType.Total),
      calls: room.getThreadUnreadNotificationCount(threadId, NotificationCountType.Highlight),
    };
  }
  // The root stands in the chat and is read there.
  const events = room.getThread(threadId)?.events.filter((event) => event.getId() !== threadId);
  return count(room, events ?? []);
}

function count(room: Room, events: readonly MatrixEvent[]): Unread {
  const found = { total: 0, calls: 0 };
  for (let index = events.length - 1; index >= 0 && found.total < COUNTED_MAX; index -= 1) {
    const event = events[index];
    const id = event?.getId();
    if (!event || !id || event.status !== null) continue;
    if (room.hasUserReadEvent(room.myUserId, id)) break;
    const { notifies, calls } = judge(room.client, event);
    found.total += Number(notifies);
    found.calls += Number(calls);
  }
  return found;
}

interface Judgement {
  rules: IPushRules | undefined;
  notifies: boolean;
  calls: boolean;
}

// Many chats are counted again after each piece of news, and the rules are slow.
const judgements = new WeakMap<MatrixEvent, Judgement>();
const SILENT = { notifies: false, calls: false };

function judge(client: MatrixClient, event: MatrixEvent): Omit<Judgement, "rules"> {
  // What is not decrypted yet would be judged by its envelope.
  if (event.isRedacted() || event.isBeingDecrypted() || event.shouldAttemptDecryption()) return SILENT;
  const known = judgements.get(event);
  if (known && known.rules === client.pushRules) return known;
  const actions = client.getPushActionsForEvent(event, true);
  const made = {
    rules: client.pushRules,
    notifies: actions?.notify === true,
    calls: actions?.notify === true && actions.tweaks.highlight === true,
  };
  judgements.set(event, made);
  return made;
}
