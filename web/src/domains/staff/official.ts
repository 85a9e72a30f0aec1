/** What follows on what with official requests, and what is typed as lines of a request. Pure. */

import type { OfficialRequest, ScopeLine } from "./api";

const DAY_MS = 86_400_000;

/** What is asked for, as it is typed. */
export interface Wanted {
  /** Ids with spaces between them. */
  members: string;
  fields: string[];
  /** Days such as 2026-11-24, UTC as documents' days are compared; empty: no bound. */
  from: string;
  to: string;
}

/** Each field of each member, over the days that were typed. */
export function listLines({ members, fields, from, to }: Wanted): ScopeLine[] {
  const ids = [...new Set(members.split(/[\s,]+/).filter(Boolean))];
  const start = from ? startOfDay(from) : 0;
  const end = to ? endOfDay(to) : null;
  if (end !== null && end <= start) return [];
  return ids.flatMap((user_id) => fields.map((field) => ({ user_id, field, from: start, to: end })));
}

export function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The instant behind a day. */
export function endOfDay(day: string): number {
  return startOfDay(day) + DAY_MS;
}

export type OfficialDeed =
  | "validate"
  | "scope"
  | "approve"
  | "try"
  | "release"
  | "reject"
  | "gag"
  | "review";

const OPEN = ["received", "validated", "scoped", "approved"];

interface Case {
  request: OfficialRequest;
  me: string;
  now: number;
}

const hadPart = ({ request, me }: Case) =>
  [request.entered_by, request.scoped_by, ...request.approvals.map(({ by }) => by)].includes(me);

const isGagged = ({ request, now }: Case) =>
  request.notified_at === null && (request.gags.at(-1)?.ends_at ?? 0) > now;

const awaitsReview = ({ request }: Case) =>
  request.instrument === "emergency" && request.outcome !== null && request.reviewed_by === null;

/** Each with the power that it takes, in the order in which they are shown. */
const DEEDS: [OfficialDeed, string, (one: Case) => boolean][] = [
  ["validate", "official.enter", ({ request }) => request.status === "received"],
  ["scope", "official.enter", ({ request }) => ["validated", "scoped"].includes(request.status)],
  ["approve", "official.approve", (one) => one.request.status === "scoped" && !hadPart(one)],
  ["try", "official.approve", ({ request }) => ["scoped", "approved"].includes(request.status)],
  ["release", "official.enter", ({ request }) => request.status === "approved"],
  ["gag", "official.enter", isGagged],
  [
    "review",
    "official.approve",
    (one) => awaitsReview(one) && !hadPart(one) && one.request.concluded_by !== one.me,
  ],
  ["reject", "official.approve", ({ request }) => OPEN.includes(request.status)],
];

/**
 * What one of the staff can do about a request now: never both halves of what takes two, and
 * nothing about a request that names them.
 */
export function listOfficialDeeds(
  request: OfficialRequest,
  me: string,
  powers: readonly string[],
  now: number,
): OfficialDeed[] {
  if (request.asked.some((line) => line.user_id === me)) return [];
  return DEEDS.filter(
    ([, power, isPossible]) => powers.includes(power) && isPossible({ request, me, now }),
  ).map(([deed]) => deed);
}
