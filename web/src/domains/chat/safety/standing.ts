/** Says whether a sanction holds. Pure. */

import type { Translate } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import type { Sanction } from "@/lib/sanctions";

export function tellStanding(sanction: Sanction, t: Translate, tag: string): string {
  if (sanction.ended_why && sanction.ended_at) {
    return t("sanctionEnded", { why: sanction.ended_why, when: formatMoment(sanction.ended_at, tag) });
  }
  if (sanction.kind === "kick") return t("sanctionOver");
  return sanction.until
    ? t("sanctionUntil", { when: formatMoment(sanction.until, tag) })
    : t("sanctionOpen");
}

export function mayAppeal(sanction: Sanction, now: number): boolean {
  return sanction.appeal === null && now <= sanction.appealable_until && sanction.ended_at === null;
}
