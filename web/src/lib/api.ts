/** Requests below /api/v1, with the member's token, and one key for each thing that is done once. */

import { ask, type Asked } from "@/lib/http";
import { currentSession } from "@/lib/session";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export function fetchApi<T>(
  path: string,
  query: Record<string, string | undefined> = {},
  headers: Record<string, string> = {},
): Promise<T> {
  const words = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(words as [string, string][]).toString();
  return call<T>(search ? `${path}?${search}` : path, { method: "GET", headers });
}

/**
 * Change something once.
 *
 * @param key names the deed: the same key again, after a lost answer, gets the first answer.
 */
export function doOnce<T>(path: string, body: object | undefined, key: string): Promise<T> {
  const headers = { "Idempotency-Key": key };
  return call<T>(path, { method: "POST", ...(body ? { body } : {}), headers });
}

export function call<T>(path: string, asked: Asked): Promise<T> {
  return ask<T>(`/api/v1${path}`, { ...asked, token: currentSession()?.accessToken });
}

/** A key for one deed. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
