/** The one place that writes times. */

import type { Translate } from "@/lib/language";

const DAY_MS = 86_400_000;

function startOfDay(instant: number): number {
  return new Date(instant).setHours(0, 0, 0, 0);
}

/** Days between two instants by the calendar of this device. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((startOfDay(later) - startOfDay(earlier)) / DAY_MS);
}

export function formatClock(instant: number, tag: string): string {
  return new Date(instant).toLocaleTimeString(tag, { hour: "2-digit", minute: "2-digit" });
}

/** A day as a heading: today, yesterday, a weekday, or a date. */
export function formatDay(instant: number, tag: string, t: Translate, now = Date.now()): string {
  const days = daysBetween(instant, now);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const date = new Date(instant);
  if (days > 1 && days < 7) return date.toLocaleDateString(tag, { weekday: "long" });
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString(tag, {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

/** An instant in a list: the time today, else the day. */
export function formatRecent(instant: number, tag: string, t: Translate, now = Date.now()): string {
  const days = daysBetween(instant, now);
  if (days === 0) return formatClock(instant, tag);
  if (days === 1) return t("yesterday");
  const date = new Date(instant);
  if (days > 1 && days < 7) return date.toLocaleDateString(tag, { weekday: "short" });
  return date.toLocaleDateString(tag, { day: "numeric", month: "numeric", year: "2-digit" });
}

export function formatMoment(instant: number, tag: string): string {
  return new Date(instant).toLocaleString(tag, { dateStyle: "medium", timeStyle: "short" });
}
