/** How many replies a thread has, where the SDK guesses. */

import { Direction, RelationType, type MatrixEvent, type Thread } from "matrix-js-sdk";

/** Counted where all of it is here, else as the SDK says. */
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
