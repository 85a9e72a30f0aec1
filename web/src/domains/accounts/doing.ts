/** What a button does to an account, with what its refusals mean. */

import { useT, type Translate } from "@/lib/language";
import { PasskeyDeclined } from "@/lib/passkeys";
import { NotProven } from "@/lib/proof";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { useDeed, type Deed } from "@/ui/deeds";

export function useDoing(): Deed {
  const t = useT();
  return useDeed((error) => {
    // They closed the question themselves.
    if (error instanceof NotProven || error instanceof PasskeyDeclined) return undefined;
    if (error instanceof DOMException && error.name === "InvalidStateError") return t("passkeyThere");
    switch (readTrouble(error).code) {
      case "passkey-present":
        return t("passkeyThere");
      case "second-factor-refused":
        return t("codeWrong");
      case "M_WEAK_PASSWORD":
        return tellWeakPassword(t, error);
      default:
        return tellTrouble(t, error);
    }
  });
}

/** Why the house did not take a password. */
export function tellWeakPassword(t: Translate, error: unknown): string {
  const { data } = (error ?? {}) as { data?: Record<string, unknown> };
  return t(data?.["org.teahouse.reason"] === "common" ? "passwordCommon" : "passwordWeak");
}
