/** What a button does: once at a time, with its trouble told where it stands. */

import { useState } from "react";
import { newKey } from "@/lib/api";
import { useT } from "@/lib/language";
import { tellTrouble } from "@/lib/trouble";

export interface Deed {
  isBusy: boolean;
  trouble: string | undefined;
  /** @returns whether it succeeded. */
  run: (deed: (key: string) => Promise<unknown>) => Promise<boolean>;
}

/** @param tell says what went wrong, where there is more to say than of any request. */
export function useDeed(tell?: (error: unknown) => string | undefined): Deed {
  const t = useT();
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const run = async (deed: (key: string) => Promise<unknown>) => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      await deed(newKey());
      return true;
    } catch (error) {
      setTrouble(tell?.(error) ?? tellTrouble(t, error));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, trouble, run };
}
