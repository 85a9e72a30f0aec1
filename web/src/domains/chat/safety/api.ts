/** What this folder asks of the server: reports, sanctions and appeals. */

import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import { call, doOnce, fetchApi } from "@/lib/api";
import { cryptoOf } from "@/lib/matrix/client";
import type { Sanction } from "@/lib/sanctions";
import { CannotReveal, readIndex, revealMessageKey } from "./reveal";

export interface OwnReport {
  report_id: string;
  reported_at: number;
  room_id: string | null;
  event_id: string | null;
  user_id: string | null;
  reason: string;
  is_verified: boolean;
  outcome: "acted" | "no_violation" | null;
  note: string | null;
}

/** To-device message: something was imposed on this member, or decided. */
export const SANCTIONS_CHANGED = "org.teahouse.sanctions.changed";

export function fetchOwnReports(): Promise<{ reports: OwnReport[] }> {
  return fetchApi("/reports/own");
}

export function fetchOwnSanctions(): Promise<{ sanctions: Sanction[] }> {
  return fetchApi("/sanctions");
}

export function fetchRoomSanctions(roomId: string): Promise<{ sanctions: Sanction[] }> {
  return fetchApi(`/rooms/${encodeURIComponent(roomId)}/sanctions`);
}

export function sendAppeal(sanctionId: string, text: string): Promise<Sanction> {
  return call(`/sanctions/${sanctionId}/appeal`, { method: "POST", body: { text } });
}

export function reportRoom(client: MatrixClient, roomId: string, reason: string): Promise<unknown> {
  return client.reportRoom(roomId, reason);
}

export function reportMember(client: MatrixClient, userId: string, reason: string): Promise<unknown> {
  const path = `/_matrix/client/v3/users/${encodeURIComponent(userId)}/report`;
  return client.http.authedRequest("POST" as never, path, undefined, { reason }, { prefix: "" });
}

/** The event that holds what is shown of a message: its last edit, if there was one. */
export function shownEvent(event: MatrixEvent): MatrixEvent {
  return event.replacingEvent() ?? event;
}

/** Report a message; where it is encrypted, with the key of it alone. */
export async function reportMessage(
  client: MatrixClient,
  event: MatrixEvent,
  reason: string,
  key: string,
): Promise<void> {
  const shown = shownEvent(event);
  const roomId = shown.getRoomId() ?? "";
  const eventId = shown.getId() ?? "";
  if (!shown.isEncrypted()) {
    await client.reportEvent(roomId, eventId, 0, reason);
    return;
  }
  const message_key = await findMessageKey(client, shown);
  const path = `/rooms/${encodeURIComponent(roomId)}/verified_reports`;
  await doOnce(path, { event_id: eventId, reason, message_key }, key);
}

/** Report an encrypted message as it is: nobody can check what stood in it. */
export async function reportSealed(
  client: MatrixClient,
  event: MatrixEvent,
  reason: string,
): Promise<void> {
  const shown = shownEvent(event);
  await client.reportEvent(shown.getRoomId() ?? "", shown.getId() ?? "", 0, reason);
}

interface ExportedSession {
  room_id: string;
  session_id: string;
  session_key: string;
}

async function findMessageKey(client: MatrixClient, event: MatrixEvent): Promise<string> {
  const { ciphertext, session_id } = event.getWireContent() as Record<string, string>;
  const sessions = JSON.parse(
    await cryptoOf(client).exportRoomKeysAsJson(),
  ) as ExportedSession[];
  const session = sessions.find((one) => one.session_id === session_id);
  if (!session || ciphertext === undefined) throw new CannotReveal("the session is not known here");
  return revealMessageKey(session.session_key, readIndex(ciphertext));
}
