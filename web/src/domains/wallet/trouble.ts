/** Says in the member's language why the wallet refused. */

import { ApiError } from "@/lib/http";
import type { LanguageTag, Translate } from "@/lib/language";
import { tellTrouble } from "@/lib/trouble";

export type Said = Partial<Record<"en" | "zh", string>>;

export function choose(said: Said | undefined, tag: LanguageTag): string | undefined {
  return said?.[tag === "zh-Hans" ? "zh" : "en"] ?? said?.en;
}

export function tellWalletTrouble(t: Translate, tag: LanguageTag, error: unknown): string {
  if (!(error instanceof ApiError)) return tellTrouble(t, error);
  // A limit says by which rule, how much is left and how to raise it, in both languages.
  const { explanation, how_to_raise: how } = error.data as { explanation?: Said; how_to_raise?: Said };
  const told = [choose(explanation, tag), choose(how, tag)].filter(Boolean).join(" ");
  if (told) return told;
  switch (error.code) {
    case "insufficient-funds":
      return t("walletNotEnough");
    case "proof-refused":
      return t("confirmWrong");
    case "payer-frozen":
    case "account-frozen":
      return t("walletFrozen");
    default:
      return tellTrouble(t, error);
  }
}
