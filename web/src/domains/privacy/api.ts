/** What this folder asks of /api/v1/privacy. */

import { call, fetchApi } from "@/lib/api";
import type { LanguageTag } from "@/lib/language";
import type { Money } from "@/lib/money";
import type { Auth } from "@/lib/proof";

export interface HeldColumn {
  name: string;
  category: string;
  purpose: string;
  basis: string;
  keep: string;
  seen_by: string[];
}

export interface Held {
  store: string;
  rows: number | null;
  data: HeldColumn[];
}

/** The server's name of a language. */
export function langOf(tag: LanguageTag): string {
  return tag === "zh-Hans" ? "zh" : "en";
}

export function fetchHeld(tag: LanguageTag): Promise<Held[]> {
  return fetchApi<Held[]>("/privacy/data", { lang: langOf(tag) });
}

/** What the names of deeds, tables and columns mean. */
export interface LogWords {
  deeds: Record<string, string>;
  stores: Record<string, string>;
  kinds: Record<string, string>;
}

export function fetchWords(tag: LanguageTag): Promise<LogWords> {
  return fetchApi<LogWords>("/privacy/words", { lang: langOf(tag) });
}

export interface ErasureObstacle {
  code: string;
  amount: Money | null;
  name: string;
  blocks: boolean;
}

export interface Erasure {
  is_asked: boolean;
  days: number;
  keep_years: number;
  obstacles: ErasureObstacle[];
  asked_at: number | null;
  due_at: number | null;
}

export interface ErasureAsked {
  due_at: number;
  claim: string;
  /** Where the certificate will be, for who has no account any more. */
  page: string;
}

export function fetchErasure(): Promise<Erasure> {
  return fetchApi<Erasure>("/privacy/erasure");
}

export function askErasure(atOnce: boolean, auth: Auth | null): Promise<ErasureAsked> {
  const body = { at_once: atOnce, ...(auth ? { auth } : {}) };
  return call<ErasureAsked>("/privacy/erasure", { method: "POST", body });
}

export function keepAccount(): Promise<void> {
  return call("/privacy/erasure", { method: "DELETE" });
}
