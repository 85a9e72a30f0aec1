/** Calls and types of the wallet's pages beside paying: sums, limits, papers, banks, consents. */

import { call, doOnce, fetchApi, newKey, type Page } from "@/lib/api";
import { ApiError, readError } from "@/lib/http";
import type { Money } from "@/lib/money";
import { currentSession } from "@/lib/session";
import type { Said } from "./trouble";
import type { Factor } from "./types";

const WALLET = "/wallet";
const part = encodeURIComponent;

// Sums

export interface Sum {
  name: string;
  came_in: number;
  went_out: number;
  count: number;
}

export interface CurrencySummary {
  currency: string;
  came_in: number;
  went_out: number;
  count: number;
  by_kind: Sum[];
  by_counterparty: Sum[];
  by_day: Sum[];
}

export interface Summary {
  month: string;
  currencies: CurrencySummary[];
  is_complete: boolean;
}

export const fetchSummary = (month: string) => fetchApi<Summary>(`${WALLET}/summary`, { month });

// Limits and identity

export type Tier = "none" | "I" | "II" | "III";
export type ProofClass = "under_two" | "two" | "two_signed";

export interface CapState {
  rule: string;
  article: string;
  period: "lifetime" | "year" | "day";
  proofs: ProofClass[];
  limit: Money | null;
  used: Money;
  left: Money | null;
  resets_at: number | null;
  told: Said;
  how_to_raise: Said;
}

export interface LimitsOfCurrency {
  currency: string;
  is_covered: boolean;
  caps: CapState[];
  signals: { rule: string; from_amount: Money; asks: string; told: Said }[];
}

export interface Limits {
  rule_set: string;
  title: Said;
  source: string;
  tier: Tier;
  factors: Partial<Record<Factor, string[]>>;
  currencies: LimitsOfCurrency[];
  next_tier: LimitsOfCurrency[];
}

export interface Identity {
  tier: Tier;
  checks: {
    check_id: string;
    kind: string;
    provider: string;
    confirmed_at: number;
    expires_at: number | null;
    revoked_at: number | null;
  }[];
  steps: { tier: Tier; checks_missing: number; face_to_face: boolean; en: string; zh: string }[];
}

export const fetchLimits = () => fetchApi<Limits>(`${WALLET}/limits`);
export const fetchIdentity = () => fetchApi<Identity>("/account/identity");

// Papers

export const FORMATS = ["pdf", "csv", "ofx", "qif", "camt053"] as const;
export type Format = (typeof FORMATS)[number];

export interface Export {
  export_id: string;
  wallet_id: string;
  format: Format;
  first_on: string;
  last_on: string;
  status: "waiting" | "done" | "failed";
  progress: number;
  trouble: string;
  byte_count: number;
  created_at: number;
  expires_at: number;
}

export interface ExportWish {
  wallet_id: string;
  format: Format;
  first_on: string;
  last_on: string;
  language: "en" | "zh";
}

export const fetchExports = () => fetchApi<Page<Export>>(`${WALLET}/exports`, { limit: "20" });
export const askExport = (wish: ExportWish, key: string) =>
  doOnce<Export>(`${WALLET}/exports`, wish, key);
export const removeExport = (id: string) =>
  call<object>(`${WALLET}/exports/${part(id)}`, { method: "DELETE" });
export const exportPath = (id: string) => `${WALLET}/exports/${part(id)}/file`;
export const receiptPath = (id: string, form: "pdf" | "html", language: "en" | "zh") =>
  `${WALLET}/receipts/${part(id)}/${form}?language=${language}`;

/** Fetches a file with the member's token, which an ordinary link can't carry, and saves it. */
export async function saveFile(path: string, fallback: string): Promise<void> {
  const token = currentSession()?.accessToken ?? "";
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      headers: { Authorization: `Bearer ${token}` },
      credentials: "omit",
      cache: "no-store",
    });
  } catch (error) {
    throw new ApiError(0, "network", String(error));
  }
  if (!answer.ok) {
    throw readError(answer.status, await answer.json().catch(() => ({})));
  }
  const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = named?.[1] ?? fallback;
  link.click();
  // The browser reads the file after the click; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Outside accounts

export interface OutsideAccount {
  outside_account_id: string;
  bank: string;
  holder: string;
  last4: string;
  is_iban: boolean;
  currency: string;
  status: "pending" | "verified" | "failed" | "removed";
  allows_debits: boolean;
  linked_at: number;
  verified_at: number | null;
  tries_left: number;
  reason: string;
  name_check: "wanted" | "asked" | "match" | "close" | "different" | "impossible" | "kept";
  name_at_bank: string;
}

export interface BankOrder {
  order_id: string;
  kind: "top_up" | "withdrawal" | "payout" | "verification";
  status: "requested" | "sent" | "accepted" | "booked" | "rejected" | "returned";
  amount: Money;
  outside_account_id: string;
  last4: string;
  reason: string;
  requested_at: number;
}

export interface OutsideWish {
  number: string;
  bank: string;
  holder: string;
  currency: string;
  allow_debits: boolean;
}

const OUTSIDE = `${WALLET}/outside-accounts`;
export const fetchOutside = () => fetchApi<OutsideAccount[]>(OUTSIDE);
export const linkOutside = (wish: OutsideWish, key: string) =>
  doOnce<OutsideAccount>(OUTSIDE, wish, key);
export const verifyOutside = (id: string, code: string) =>
  call<OutsideAccount>(`${OUTSIDE}/${part(id)}/verify`, { method: "POST", body: { code } });
export const chooseName = (id: string, use: "bank" | "own") =>
  call<OutsideAccount>(`${OUTSIDE}/${part(id)}/name`, { method: "POST", body: { use } });
export const removeOutside = (id: string) =>
  call<object>(`${OUTSIDE}/${part(id)}`, { method: "DELETE" });

export async function fetchOrders(): Promise<BankOrder[]> {
  const pages = await Promise.all([
    fetchApi<Page<BankOrder>>(`${WALLET}/top-ups`, { limit: "20" }),
    fetchApi<Page<BankOrder>>(`${WALLET}/withdrawals`, { limit: "20" }),
  ]);
  return pages.flatMap((page) => page.items).sort((one, two) => two.requested_at - one.requested_at);
}
export const topUp = (body: { outside_account_id: string; amount: Money }, key: string) =>
  doOnce<BankOrder>(`${WALLET}/top-ups`, body, key);
export const withdraw = (
  body: { outside_account_id: string; amount: Money; confirmation?: string },
  key: string,
) => doOnce<BankOrder>(`${WALLET}/withdrawals`, body, key);

// Paying in

export interface PayInDetails {
  currency: string;
  name: string;
  number: string;
  is_iban: boolean;
  bic: string;
  reference: string | null;
}

export interface PayIn {
  pay_in_id: string;
  amount: Money;
  name: string;
  credited_at: number;
}

const REFERENCES = `${WALLET}/pay-in-references`;
export const fetchPayInDetails = () => fetchApi<PayInDetails[]>(REFERENCES);
export const askReference = (currency: string, key: string) =>
  doOnce<PayInDetails>(REFERENCES, { currency }, key);
export const fetchPayIns = () => fetchApi<Page<PayIn>>(`${WALLET}/pay-ins`, { limit: "20" });

// Mandates

export type MandateStatus = "proposed" | "active" | "declined" | "cancelled" | "ended";

export interface Mandate {
  mandate_id: string;
  payee: string;
  terms: {
    charge_max: Money;
    period: "week" | "month" | "year" | "irregular";
    period_max: Money | null;
    amount: Money | null;
    start_on: string;
    end_on: string | null;
    notice_days: number;
    description_en: string;
    description_zh: string;
  };
  status: MandateStatus;
  created_at: number;
  answer_until: number | null;
  next_charge: {
    charge_id: string;
    amount: Money;
    due_at: number;
    status: "announced" | "retrying" | "paid" | "failed" | "cancelled";
  } | null;
  confirm: { kind: "mandate"; payee_party: string | null; amount: Money; reference: string } | null;
}

const MANDATES = `${WALLET}/mandates`;
export const fetchMandates = () => fetchApi<Page<Mandate>>(MANDATES, { limit: "50" });
export const answerMandate = (id: string, answer: "decline" | "cancel") =>
  doOnce<Mandate>(`${MANDATES}/${part(id)}/${answer}`, undefined, newKey());
export const acceptMandate = (id: string, confirmation: string, key: string) =>
  doOnce<Mandate>(`${MANDATES}/${part(id)}/accept`, { confirmation }, key);

// Disputes

export const CAUSES = [
  "not_received",
  "not_as_described",
  "charged_twice",
  "wrong_amount",
  "cancelled",
  "not_authorised",
  "other",
] as const;
export type Cause = (typeof CAUSES)[number];

export interface Dispute {
  dispute_id: string;
  payment_id: string;
  shop_name: string;
  cause: Cause;
  claim: Money;
  status: "awaiting_shop" | "in_review" | "proposed" | "decided" | "closed" | "withdrawn";
  deadline: number | null;
  by_default: Said;
  refund: Money | null;
  can_appeal: boolean;
  opened_at: number;
  said: { at: number; author: "payer" | "shop" | "house"; text: string }[];
}

export interface DisputeWish {
  payment_id: string;
  cause: Cause;
  amount?: Money;
  text: string;
}

const DISPUTES = `${WALLET}/disputes`;
export const fetchReceipt = (id: string) =>
  fetchApi<{ payment_id: string; payee: string; amount: Money }>(`${WALLET}/receipts/${part(id)}`);
export const fetchDisputes = () => fetchApi<Page<Dispute>>(DISPUTES, { limit: "50" });
export const openDispute = (wish: DisputeWish, key: string) =>
  doOnce<Dispute>(DISPUTES, wish, key);
export const addToDispute = (id: string, text: string, key: string) =>
  doOnce<Dispute>(`${DISPUTES}/${part(id)}/statements`, { text }, key);
export const withdrawDispute = (id: string) =>
  call<Dispute>(`${DISPUTES}/${part(id)}/withdraw`, { method: "POST" });
export const appealDispute = (id: string, text: string) =>
  call<Dispute>(`${DISPUTES}/${part(id)}/appeal`, { body: { text } });

// Freezes

export interface Freeze {
  freeze_id: string;
  wallet_id: string | null;
  kind: "own" | "staff" | "emergency";
  status: "proposed" | "in_force" | "rejected" | "lapsed" | "lifted";
  since: number;
  until: number | null;
  reason: string | null;
  reason_from: number | null;
  can_lift: boolean;
}

const FREEZES = `${WALLET}/freezes`;
export const fetchFreezes = () => fetchApi<Freeze[]>(FREEZES);
export const fetchShopFreezes = (shop: string) =>
  fetchApi<Freeze[]>(`${WALLET}/shops/${part(shop)}/freezes`);
export const freezeOwn = (key: string) => doOnce<Freeze>(FREEZES, {}, key);
export const liftFreeze = (id: string, confirmation: string) =>
  call<Freeze>(`${FREEZES}/${part(id)}/lift`, { body: { confirmation } });
