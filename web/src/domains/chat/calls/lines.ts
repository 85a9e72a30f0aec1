/** What a chat tells of its calls: one line where each began. Pure but for reading events. */

import type { MatrixEvent, Room } from "matrix-js-sdk";
import type { Translate } from "@/lib/language";

export const INVITE = "m.call.invite";

/** What must be known of an event of a call. */
export interface CallFact {
  type: string;
  sender: string;
  at: number;
  reason?: string;
  isVideo?: boolean;
  lifetime?: number;
}

export interface CallLine {
  kind: "missed" | "noAnswer" | "declined" | "failed" | "over" | "open";
  isVideo: boolean;
  seconds: number;
}

// Client-Server API, `m.call.hangup`: the reasons that are nobody's wish.
const FAILURES = new Set([
  "ice_failed",
  "ice_timeout",
  "user_media_failed",
  "unknown_error",
  "no_user_media",
  "signalling_timeout",
]);
const LIFETIME_MS = 60_000;

/**
 * What became of a call.
 *
 * @param facts its events, as they came.
 * @param me whose line it is: who was called and was not there missed it.
 */
export function computeLine(facts: readonly CallFact[], me: string, now: number): CallLine {
  const find = (...types: string[]) => facts.find(({ type }) => types.includes(type));
  const invite = find(INVITE);
  const answer = find("m.call.answer");
  const end = find("m.call.hangup", "m.call.reject");
  const line = (kind: CallLine["kind"], seconds = 0): CallLine => ({
    kind,
    isVideo: invite?.isVideo ?? false,
    seconds,
  });
  const unanswered = line(invite?.sender === me ? "noAnswer" : "missed");
  if (!end) {
    const isRinging = invite && now - invite.at < (invite.lifetime ?? LIFETIME_MS);
    return answer || isRinging ? line("open") : unanswered;
  }
  if (end.reason !== undefined && FAILURES.has(end.reason)) return line("failed");
  if (answer) return line("over", Math.max(0, Math.round((end.at - answer.at) / 1000)));
  const isByCallee = end.type === "m.call.reject" || end.sender !== invite?.sender;
  return isByCallee ? line("declined") : unanswered;
}

/** "2:05" or "1:02:05". */
export function formatLength(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const pad = (number: number) => String(number).padStart(2, "0");
  const rest = pad(Math.floor(seconds) % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** What the line of a call says, from the chat's events. */
export function tellCall(room: Room, invite: MatrixEvent, t: Translate, name: string): string {
  const { call_id: id } = invite.getContent<{ call_id?: unknown }>();
  const facts = room
    .getLiveTimeline()
    .getEvents()
    .filter((event) => isOfCall(event, id))
    .map(readFact);
  const { kind, isVideo, seconds } = computeLine(facts, room.myUserId, Date.now());
  const video = String(isVideo);
  switch (kind) {
    case "missed":
      return t("callLineMissed", { name, isVideo: video });
    case "noAnswer":
      return t("callLineNoAnswer", { isVideo: video });
    case "declined":
      return t("callLineDeclined", { isVideo: video });
    case "failed":
      return t("callLineFailed", { isVideo: video });
    case "over":
      return t("callLineOver", { isVideo: video, length: formatLength(seconds) });
    case "open":
      return t("callLineOpen", { name, isVideo: video });
  }
}

function isOfCall(event: MatrixEvent, id: unknown): boolean {
  return event.getType().startsWith("m.call.") && event.getContent().call_id === id;
}

function readFact(event: MatrixEvent): CallFact {
  const { offer, reason, lifetime } = event.getContent<Record<string, unknown>>();
  const sdp = (offer as { sdp?: unknown } | undefined)?.sdp;
  return {
    type: event.getType(),
    sender: event.getSender() ?? "",
    at: event.getTs(),
    isVideo: typeof sdp === "string" && /^m=video [1-9]/m.test(sdp),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(typeof lifetime === "number" ? { lifetime } : {}),
  };
}
