/** What a button does to an account, with what its refusals mean. */

import { useT } from "@/lib/language";
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
        return t("passwordWeak");
      default:
        return tellTrouble(t, error);
    }
  });
}
