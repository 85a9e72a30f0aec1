/** What the staff's console asks of the server. */

import { call, doOnce, fetchApi, type Page } from "@/lib/api";
import type { Rule, Sanction } from "@/lib/sanctions";
import { reasonHeader } from "./reason";

export interface OwnPowers {
  roles: string[];
  powers: string[];
}

export interface ListedMember {
  user_id: string;
  name: string | null;
  created_at: number;
  is_closed: boolean;
  roles: string[];
}

export interface Job {
  id: string;
  kind: string;
  status: "waiting" | "dead";
  created_at: number;
  run_at: number;
  try_count: number;
  last_error: string;
}

export interface SettingInForce {
  name: string;
  value: string;
  about: string;
  is_default: boolean;
  is_secret: boolean;
}

export interface Sample {
  at: number;
  seconds: number;
  requests: number;
  failures: number;
  slowest_ms: number;
  commands: number;
  commits: number;
  commit_ms: number | null;
  queue_length: number;
  jobs_waiting: number;
  jobs_dead: number;
  memory_mib: number | null;
}

export interface StaffFreeze {
  freeze: {
    freeze_id: string;
    party: string;
    kind: "own" | "staff" | "emergency";
    status: "proposed" | "in_force" | "rejected" | "lapsed" | "lifted";
    reason: string;
    created_at: number;
    created_by: string;
    approved_by: string | null;
    lapses_at: number | null;
    lift_proposed_by: string | null;
  };
  user_id: string | null;
  log: { at: number; act: string; by: string | null; note: string }[];
}

export type FreezeAct = "approve" | "reject" | "lift" | "lift/approve" | "lift/reject";

export interface Report {
  report_id: string;
  reported_at: number;
  reporter: string;
  room_id: string | null;
  event_id: string | null;
  user_id: string | null;
  reason: string;
}

export interface ReportedMessage {
  sender: string;
  sent_at: number;
  evidence: "proven" | "stored";
  content: { body?: unknown };
}

export function fetchOwnPowers(): Promise<OwnPowers> {
  return fetchApi("/staff/me");
}

/** Ask for what is of members: the reason goes with it. */
function look<T>(path: string, query: Record<string, string | undefined> = {}): Promise<T> {
  return fetchApi<T>(path, query, reasonHeader());
}

export function fetchMembers(search: string, cursor?: string): Promise<Page<ListedMember>> {
  return look("/staff/members", { search: search || undefined, cursor });
}

export function fetchJobs(status: Job["status"]): Promise<Job[]> {
  return fetchApi("/staff/jobs", { status });
}

export function replayJob(id: string): Promise<void> {
  return call(`/staff/jobs/${encodeURIComponent(id)}/replay`, { method: "POST" });
}

export function discardJob(id: string): Promise<void> {
  return call(`/staff/jobs/${encodeURIComponent(id)}/discard`, { method: "POST" });
}

export function fetchSettings(): Promise<SettingInForce[]> {
  return fetchApi("/staff/settings");
}

export function fetchLoad(): Promise<Sample[]> {
  return fetchApi("/staff/load");
}

export function fetchFreezes(status: "proposed" | "in_force"): Promise<Page<StaffFreeze>> {
  return look("/wallet/admin/freezes", { status });
}

export function proposeFreeze(
  freeze: { user_id: string; reason: string; is_emergency: boolean },
  key: string,
): Promise<StaffFreeze> {
  return doOnce("/wallet/admin/freezes", freeze, key);
}

export function actOnFreeze(id: string, act: FreezeAct, note: string): Promise<StaffFreeze> {
  const path = `/wallet/admin/freezes/${encodeURIComponent(id)}/${act}`;
  return call(path, { method: "POST", body: { note } });
}

export function fetchReports(before?: string): Promise<{ reports: Report[]; next: string | null }> {
  return look("/reports", { before });
}

export function openReport(id: string, reason: string): Promise<ReportedMessage> {
  const path = `/reports/${encodeURIComponent(id)}/look`;
  return call(path, { method: "POST", body: { reason } });
}

export function decideReport(
  id: string,
  outcome: "acted" | "no_violation",
  note: string,
): Promise<void> {
  const path = `/reports/${encodeURIComponent(id)}/outcome`;
  return call(path, { method: "POST", body: { outcome, note } });
}

export function fetchSanctions(): Promise<{ sanctions: Sanction[]; next: string | null }> {
  return look("/staff/sanctions");
}

export function suspend(
  asked: { user_id: string; rule: Rule; reason: string; until: number },
  key: string,
): Promise<Sanction> {
  return doOnce("/staff/sanctions", asked, key);
}
