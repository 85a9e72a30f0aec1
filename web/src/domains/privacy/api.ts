/** What this folder asks of /api/v1/privacy. */

import { fetchApi } from "@/lib/api";
import type { LanguageTag } from "@/lib/language";

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
