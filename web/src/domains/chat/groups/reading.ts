/** What a group's state says of who may do what. */

import { Direction, type MatrixEvent, type Room } from "matrix-js-sdk";
import type { Levels } from "./levels";

export function readContent(room: Room, type: string): Record<string, unknown> {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  return { ...state?.getStateEvents(type, "")?.getContent() };
}

export function readLevels(room: Room): Levels {
  return readContent(room, "m.room.power_levels");
}

export function levelOf(room: Room, userId: string): number {
  return room.getMember(userId)?.powerLevel ?? readLevels(room).users_default ?? 0;
}

export function ownLevel(room: Room): number {
  return levelOf(room, room.myUserId);
}

/** Whether one may delete what somebody else has said. */
export function mayRemove(room: Room, event: MatrixEvent): boolean {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  return state?.maySendRedactionForEvent(event, room.myUserId) ?? false;
}
