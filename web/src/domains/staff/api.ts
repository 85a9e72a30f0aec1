/** What the staff's console asks of the server. */

import { call, doOnce, fetchApi, type Page } from "@/lib/api";
import type { Money } from "@/lib/money";
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

/** Do something to what is of members: the reason goes with it. */
function act<T>(path: string, body?: object, key?: string): Promise<T> {
  const headers = { ...reasonHeader(), ...(key ? { "Idempotency-Key": key } : {}) };
  return call<T>(path, { method: "POST", ...(body ? { body } : {}), headers });
}

const part = encodeURIComponent;

// Disputes

export type DisputeStatus = "in_review" | "proposed" | "awaiting_shop" | "decided" | "closed";

export interface StaffDispute {
  view: {
    dispute_id: string;
    payment_id: string;
    shop_name: string;
    cause: string;
    claim: Money;
    deadline: number | null;
    by_default: Record<string, string>;
    refund: Money | null;
    is_borne_by_house: boolean;
    opened_at: number;
    said: { at: number; author: "payer" | "shop" | "house"; text: string; files: string[] }[];
  };
  status: DisputeStatus | "withdrawn";
  proposed: Money | null;
  decided_by: string[];
  has_hold: boolean;
}

const DISPUTES = "/wallet/admin/disputes";

export function fetchDisputes(status: DisputeStatus): Promise<Page<StaffDispute>> {
  return look(DISPUTES, { status });
}

export function decideDispute(id: string, refund: Money, text: string): Promise<StaffDispute> {
  return act(`${DISPUTES}/${part(id)}/decide`, { refund, text });
}

export function actOnRuling(id: string, deed: "approve" | "reject"): Promise<StaffDispute> {
  return act(`${DISPUTES}/${part(id)}/${deed}`);
}

// Shops

export type ShopStatus = "applied" | "verified" | "refused" | "suspended" | "closed";
export type ShopDecision = Exclude<ShopStatus, "applied">;

export interface StaffShop {
  shop_id: string;
  party: string;
  name: string;
  name_zh: string;
  category_code: string;
  country: string;
  city: string;
  city_zh: string;
  status: ShopStatus;
  status_reason: string;
  created_at: number;
}

const SHOPS = "/wallet/admin/shops";

export function fetchShops(status: ShopStatus): Promise<Page<StaffShop>> {
  return look(SHOPS, { status });
}

export function decideShop(
  id: string,
  decision: { status: ShopDecision; reason: string },
  key: string,
): Promise<StaffShop> {
  return act(`${SHOPS}/${part(id)}/decisions`, decision, key);
}

export function proposeShopFreeze(party: string, reason: string, key: string): Promise<StaffFreeze> {
  return act("/wallet/admin/freezes", { party, reason }, key);
}

// Official requests

export interface ScopeLine {
  user_id: string;
  field: string;
  from: number;
  to: number | null;
}

export interface RequestForm {
  fields: { name: string; en: string; zh: string }[];
  instruments: string[];
  courts: string[];
  content_en: string;
  content_zh: string;
}

export interface Gag {
  document: string;
  ends_at: number;
}

export interface NewOfficialRequest {
  instrument: string;
  category: string;
  country: string;
  authority: string;
  legal_basis: string;
  court: string;
  document: string | null;
  document_on: string | null;
  danger: string;
  asked: ScopeLine[];
  gag: Gag | null;
}

export interface OfficialRequest extends NewOfficialRequest {
  request_id: string;
  status:
    | "received"
    | "validated"
    | "scoped"
    | "approved"
    | "released"
    | "narrowed"
    | "rejected"
    | "notified";
  entered_by: string;
  entered_at: number;
  lapses_at: number | null;
  scope: ScopeLine[];
  scope_version: number;
  scoped_by: string | null;
  approvals: { by: string; at: number }[];
  gags: Gag[];
  outcome: "released" | "narrowed" | "rejected" | null;
  reason: string;
  concluded_by: string | null;
  notified_at: number | null;
  reviewed_by: string | null;
}

export interface StaffRequest {
  request: OfficialRequest;
  log_index: number;
  package_sha256: string | null;
  acts: { at: number; act: string; by: string | null; note: string }[];
}

export interface Trial {
  sha256: string;
  size: number;
  lines: { user_id: string; field: string; count: number }[];
}

const OFFICIAL = "/privacy/official-requests";
const official = (id: string) => `${OFFICIAL}/${part(id)}`;

export function fetchRequestForm(): Promise<RequestForm> {
  return fetchApi(`${OFFICIAL}/form`);
}

export function fetchOfficialRequests(): Promise<Page<StaffRequest>> {
  return look(OFFICIAL);
}

export async function sendDocument(file: File): Promise<string> {
  const { sha256 } = await call<{ sha256: string }>(`${OFFICIAL}/documents`, { upload: file });
  return sha256;
}

export function enterRequest(made: NewOfficialRequest, key: string): Promise<StaffRequest> {
  return act(OFFICIAL, made, key);
}

export function validateRequest(id: string): Promise<StaffRequest> {
  return act(`${official(id)}/validate`);
}

export function scopeRequest(id: string, scope: ScopeLine[]): Promise<StaffRequest> {
  return act(`${official(id)}/scope`, { scope });
}

export function approveRequest(id: string, version: number): Promise<StaffRequest> {
  return act(`${official(id)}/approve`, { scope_version: version });
}

export function tryRequest(id: string): Promise<Trial> {
  return look(`${official(id)}/try`);
}

export function releaseRequest(
  id: string,
  key: string,
): Promise<{ view: StaffRequest; sha256: string; package: string }> {
  return act(`${official(id)}/release`, undefined, key);
}

export function noteOnRequest(
  id: string,
  deed: "reject" | "review",
  note: string,
): Promise<StaffRequest> {
  return act(`${official(id)}/${deed}`, { note });
}

export function renewGag(id: string, gag: Gag): Promise<StaffRequest> {
  return act(`${official(id)}/gags`, gag);
}

// Sealed boxes

export interface Box {
  box_id: string;
  made_at: number;
  expires_at: number;
  contents: Record<string, number>;
  destroyed_at: number | null;
}

export interface Opening {
  opening_id: string;
  box_id: string;
  case: string;
  reason: string;
  asked_by: string;
  asked_at: number;
  approved_by: string | null;
}

const BOXES = "/privacy/boxes";

/** @param userId of whom; where it is empty, all boxes, which say of nobody whose they are. */
export function fetchBoxes(userId: string): Promise<Box[]> {
  return look(BOXES, { user_id: userId || undefined });
}

export function fetchOpenings(): Promise<Opening[]> {
  return look(`${BOXES}/openings`);
}

export function askOpening(
  boxId: string,
  asked: { case: string; reason: string },
  key: string,
): Promise<Opening> {
  return act(`${BOXES}/${part(boxId)}/openings`, asked, key);
}

export function approveOpening(id: string): Promise<Opening> {
  return act(`${BOXES}/openings/${part(id)}/approve`);
}

export function openBox(id: string): Promise<{ content: object }> {
  return act(`${BOXES}/openings/${part(id)}/open`);
}
