/** What a button of the wallet does, with what its refusals mean. */

import { useLanguage } from "@/lib/language";
import { useDeed as useAnyDeed, type Deed } from "@/ui/deeds";
import { tellWalletTrouble } from "./trouble";

export function useDeed(): Deed {
  const { t, tag } = useLanguage();
  return useAnyDeed((error) => tellWalletTrouble(t, tag, error));
}
