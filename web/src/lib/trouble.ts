/** Says in the member's language what went wrong. */

import type { Translate } from "@/lib/language";

export function tellTrouble(t: Translate, error: unknown): string {
  const { status, code } = readTrouble(error);
  if (code === "network" || code === "ConnectionError") return t("troubleNetwork");
  if (code === "M_USER_SUSPENDED" || code === "suspended") return t("troubleSuspended");
  if (status === 429) return t("troubleLimited");
  return t("troubleUnknown", { reason: error instanceof Error ? error.message : String(error) });
}

/** Status and code of our own errors and of the Matrix SDK's, which have the same members. */
export function readTrouble(error: unknown): { status: number; code: string } {
  const found = (error ?? {}) as Record<string, unknown>;
  const status = found.status ?? found.httpStatus;
  const code = found.code ?? found.errcode ?? found.name;
  return {
    status: typeof status === "number" ? status : 0,
    code: typeof code === "string" ? code : "unknown",
  };
}
