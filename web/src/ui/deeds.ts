/** What a button does: once at a time, with its trouble told where it stands. */

import { useState } from "react";
import { newKey } from "@/lib/api";
import { useT } from "@/lib/language";
import { readTrouble, tellTrouble } from "@/lib/trouble";

export interface Deed {
  isBusy: boolean;
  trouble: string | undefined;
  /** @returns whether it succeeded. */
  run: (deed: (key: string) => Promise<unknown>) => Promise<boolean>;
}

/** @param tell says what went wrong, where there is more to say than of any request, or nothing. */
export function useDeed(tell?: (error: unknown) => string | undefined): Deed {
  const t = useT();
  const [key, setKey] = useState(newKey);
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const run = async (deed: (key: string) => Promise<unknown>) => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      await deed(key);
      setKey(newKey());
      return true;
    } catch (error) {
      // After a lost answer the same key asks what became of it; after a refusal it is a new deed.
      if (readTrouble(error).code !== "network") setKey(newKey());
      setTrouble(tell ? tell(error) : tellTrouble(t, error));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, trouble, run };
}
