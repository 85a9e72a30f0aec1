/** What owners and moderators of a group ask of the server. */

import { call, fetchApi } from "@/lib/api";
import type { Rule } from "@/lib/sanctions";

export const SLOW_MODE = "org.teahouse.slow_mode";

export interface JoinRequest {
  user_id: string;
  asked_at: number;
  display_name: string | null;
  avatar_url: string | null;
  reason: string | null;
}

export type Deed =
  | "kick"
  | "ban"
  | "unban"
  | "invite_withdrawn"
  | "knock_refused"
  | "knock_accepted"
  | "redaction"
  | "power_change"
  | "slow_mode"
  | "join_rule";

export interface LogEntry {
  event_id: string;
  at: number;
  by: string;
  deed: Deed;
  about: string | null;
  reason: string | null;
  changes: { user_id: string; before: number | null; after: number | null }[];
  value: string | number | null;
}

function room(roomId: string): string {
  return `/rooms/${encodeURIComponent(roomId)}`;
}

export function fetchJoinRequests(roomId: string): Promise<{ join_requests: JoinRequest[] }> {
  return fetchApi(`${room(roomId)}/join_requests`);
}

export function decideJoin(
  roomId: string,
  userId: string,
  decision: "approve" | "refuse",
): Promise<unknown> {
  const body = { user_id: userId, decision };
  return call(`${room(roomId)}/join_requests`, { method: "POST", body });
}

/** What was done with power in a group: signed, each event with its hash, without a message. */
export function fetchDutyRecord(roomId: string): Promise<object> {
  return fetchApi(`${room(roomId)}/duty_record`);
}

export function fetchLog(
  roomId: string,
  before?: string,
): Promise<{ entries: LogEntry[]; next: string | null }> {
  return fetchApi(`${room(roomId)}/moderation_log`, { before });
}

export interface Removal {
  user_id: string;
  kind: "kick" | "ban";
  rule: Rule;
  reason: string;
  until: number | null;
}

export function removeMember(roomId: string, removal: Removal): Promise<unknown> {
  return call(`${room(roomId)}/removals`, { method: "POST", body: removal });
}
