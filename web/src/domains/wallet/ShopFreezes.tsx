/** That a shop's money is frozen, and why: for its people, at their till. */

import { useLanguage } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { Note } from "@/ui/Note";
import { fetchShopFreezes } from "./pagesApi";
import { useWalletData } from "./wallets";

export function ShopFreezes({ shopId }: { shopId: string }) {
  const { t, tag } = useLanguage();
  const { value } = useWalletData(() => fetchShopFreezes(shopId), shopId);
  const held = value?.filter((one) => one.status === "in_force") ?? [];
  return held.map((one) => (
    <Note key={one.freeze_id} kind="bad">
      {t("shopFrozen", { since: formatMoment(one.since, tag) })} {one.reason ?? t("freezeSecret")}
      {one.until === null ? null : ` ${t("freezeUntil", { when: formatMoment(one.until, tag) })}`}
    </Note>
  ));
}
