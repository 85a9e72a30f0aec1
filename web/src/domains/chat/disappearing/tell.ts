/** Disappearing messages in words. */

import type { Key, Translate } from "@/lib/language";

const NAMES: Record<number, Key> = {
  0: "disappearingOff",
  3600: "disappearingHour",
  86_400: "disappearingDay",
  604_800: "disappearingWeek",
  2_419_200: "disappearingWeeks",
};

export function tellTime(seconds: number, t: Translate): string {
  const name = NAMES[seconds];
  return name ? t(name) : t("disappearingOther", { count: Math.max(1, Math.round(seconds / 60)) });
}

/** What stands in the chat where the rule was changed. */
export function tellRule(name: string, seconds: number, t: Translate): string {
  if (seconds === 0) return t("disappearingEnd", { name });
  return t("disappearingOn", { name, time: tellTime(seconds, t) });
}
