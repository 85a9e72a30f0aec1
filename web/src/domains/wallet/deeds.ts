/** What a button does: once at a time, with its trouble told where it stands. */

import { useState } from "react";
import { newKey } from "@/lib/api";
import { readTrouble } from "@/lib/trouble";
import { useLanguage } from "@/lib/language";
import { tellWalletTrouble } from "./trouble";

export interface Deed {
  isBusy: boolean;
  trouble: string | undefined;
  /** @returns whether it succeeded. */
  run: (deed: (key: string) => Promise<unknown>) => Promise<boolean>;
}

export function useDeed(): Deed {
  const { t, tag } = useLanguage();
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
      setTrouble(tellWalletTrouble(t, tag, error));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, trouble, run };
}
