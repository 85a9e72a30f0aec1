/** A button's deed in a dialog: once at a time, its trouble told where it stands. */

import { useState } from "react";
import { useT } from "@/lib/language";
import { PasskeyDeclined } from "@/lib/passkeys";
import { NotProven } from "@/lib/proof";
import { readTrouble, tellTrouble } from "@/lib/trouble";

export interface Doing {
  isBusy: boolean;
  trouble: string | undefined;
  /** @returns whether it was done. */
  run: (deed: () => Promise<unknown>) => Promise<boolean>;
}

export function useDoing(): Doing {
  const t = useT();
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const tell = (error: unknown): string | undefined => {
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
  };
  const run = async (deed: () => Promise<unknown>) => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      await deed();
      return true;
    } catch (error) {
      setTrouble(tell(error));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, trouble, run };
}
