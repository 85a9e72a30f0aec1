/** The chat that a program was opened in, by the Matrix client. */

import {
  Direction,
  MatrixEventEvent,
  RoomEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
} from "matrix-js-sdk";
import type { RawEvent, RoomBridge } from "./host";

/** An event as a program sees it: decrypted. */
function toRaw(event: MatrixEvent): RawEvent {
  const relation = event.getWireContent()["m.relates_to"] as unknown;
  const stateKey = event.getStateKey();
  // Until room version 11 it stood beside the content.
  const redacts = event.isRedaction() ? event.getAssociatedId() : undefined;
  return {
    event_id: event.getId() ?? "",
    type: event.getType(),
    sender: event.getSender() ?? "",
    room_id: event.getRoomId() ?? "",
    origin_server_ts: event.getTs(),
    // What an encrypted event refers to stands outside of what is encrypted.
    content: { ...(relation ? { "m.relates_to": relation } : {}), ...(redacts ? { redacts } : {}), ...event.getContent() },
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    unsigned: {},
  };
}

const MEMBER = "m.room.member";
const isSent = (event: MatrixEvent) => event.getId()?.startsWith("$") === true && !event.status;

export function makeRoomBridge(client: MatrixClient, room: Room): RoomBridge {
  const { roomId } = room;
  const state = () => room.getLiveTimeline().getState(Direction.Forward);
  const decrypted = async (event: MatrixEvent) => {
    await client.decryptEventIfNeeded(event);
    return event;
  };
  return {
    roomId,
    userId: client.getSafeUserId(),
    members: () => room.getMembers().map(({ userId }) => userId),
    send: async (type, content) =>
      (await client.sendEvent(roomId, type as never, content as never)).event_id,
    find: async (eventId) => {
      const known = room.findEventById(eventId);
      const event = known ?? client.getEventMapper()(await client.fetchRoomEvent(roomId, eventId));
      await decrypted(event);
      return { type: event.getType(), sender: event.getSender() ?? "" };
    },
    redact: async (eventId) => (await client.redactEvent(roomId, eventId)).event_id,
    readState: async (type) => {
      if (type === MEMBER) await room.loadMembersIfNeeded();
      return (state()?.getStateEvents(type) ?? []).map(toRaw);
    },
    readEvents: (type, limit) =>
      Promise.resolve(
        room
          .getLiveTimeline()
          .getEvents()
          .filter((event) => event.getType() === type && !event.isState() && isSent(event))
          .slice(-limit)
          .reverse()
          .map(toRaw),
      ),
    readRelations: async ({ eventId, relType, limit, from }) => {
      const found = await client.fetchRelations(roomId, eventId, relType, null, {
        limit,
        dir: Direction.Backward,
        ...(from ? { from } : {}),
      });
      const mapper = client.getEventMapper();
      const events = await Promise.all(found.chunk.map((event) => decrypted(mapper(event))));
      return { events: events.filter((event) => !event.isRedacted()).map(toRaw), next: found.next_batch };
    },
    listen: (hear) => {
      const onEvent = (event: MatrixEvent, of?: Room, toStart?: boolean) => {
        if (of?.roomId !== roomId || toStart === true || !isSent(event)) return;
        if (!event.isEncrypted()) hear(toRaw(event));
      };
      const onDecrypted = (event: MatrixEvent) => {
        if (event.getRoomId() === roomId && isSent(event)) hear(toRaw(event));
      };
      client.on(RoomEvent.Timeline, onEvent);
      client.on(MatrixEventEvent.Decrypted, onDecrypted);
      return () => {
        client.off(RoomEvent.Timeline, onEvent);
        client.off(MatrixEventEvent.Decrypted, onDecrypted);
      };
    },
  };
}
