/** What the wallet's pages show, computed from what the server told. */

import { exponentOf, type Money } from "@/lib/money";
import type { CapState, Mandate, PayInDetails, Summary } from "./pagesApi";

/** The month of an instant as the server counts months (UTC), such as "2026-11". */
export function monthOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 7);
}

export function shiftMonth(month: string, by: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return monthOf(Date.UTC(year, number - 1 + by, 1));
}

/** As many months up to and with this one, the earliest first. */
export function monthsUntil(month: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => shiftMonth(month, index - count + 1));
}

export function formatMonth(month: string, tag: string, length: "long" | "short" = "long"): string {
  const style = length === "long" ? ({ month: "long", year: "numeric" } as const) : { month: "short" as const };
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString(tag, { ...style, timeZone: "UTC" });
}

export interface MonthBar {
  month: string;
  cameIn: number;
  wentOut: number;
}

/** In and out of each month in one currency, minor units; a month without payments is zero. */
export function readBars(summaries: readonly Summary[], currency: string): MonthBar[] {
  return summaries.map(({ month, currencies }) => {
    const found = currencies.find((one) => one.currency === currency);
    return { month, cameIn: found?.came_in ?? 0, wentOut: found?.went_out ?? 0 };
  });
}

/** Every currency of some months, the preferred one first. */
export function listCurrencies(summaries: readonly Summary[], preferred: string): string[] {
  const all = new Set(summaries.flatMap(({ currencies }) => currencies.map((one) => one.currency)));
  const others = [...all].filter((one) => one !== preferred).sort();
  return all.has(preferred) || all.size === 0 ? [preferred, ...others] : others;
}

/** For drawing alone: amounts that are told stay whole minor units. */
export function toUnits(minor: number, currency: string): number {
  return minor / 10 ** exponentOf(currency);
}

/** How much of a limit is used, from 0 to 1; nothing where there is no bound. */
export function usedShare({ limit, used }: Pick<CapState, "limit" | "used">): number | undefined {
  if (!limit) return undefined;
  return limit.minor === 0 ? 1 : Math.min(1, used.minor / limit.minor);
}

/** The first and last day of a month, as the server takes days. */
export function daysOfMonth(month: string): { first: string; last: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const last = new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
  return { first: `${month}-01`, last };
}

/** A size as people read it. */
export function formatBytes(bytes: number, tag: string): string {
  const unit = bytes < 1000 ? "byte" : bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const value = bytes / { byte: 1, kilobyte: 1000, megabyte: 1_000_000 }[unit];
  const unitDisplay = unit === "byte" ? "long" : "short";
  const format = { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(tag, format).format(value);
}

/** The most a purchase's claim can be: what was typed, or all where nothing was. */
export function readClaim(
  typed: Money | undefined,
  isEmpty: boolean,
  paid: Money,
): { amount?: Money } | undefined {
  if (isEmpty) return {};
  return typed && typed.minor <= paid.minor ? { amount: typed } : undefined;
}

/** As numbers of accounts and references are printed. */
export function groupByFour(text: string): string {
  return text.replace(/(.{4})(?=.)/g, "$1 ");
}

const NAME_MAX = 70;

/**
 * What a banking app scans to fill in a transfer: the European Payments Council's code for credit
 * transfers (EPC069-12, version 002). Nothing where it can't be one: it is for euro and IBANs alone.
 */
export function makeTransferCode(details: PayInDetails & { reference: string }): string | undefined {
  if (details.currency !== "EUR" || !details.is_iban) return undefined;
  const { bic, name, number, reference } = details;
  return ["BCD", "002", "1", "SCT", bic, name.slice(0, NAME_MAX), number, "", "", reference].join("\n");
}

export interface MandateNews {
  /** The same as long as it is the same news. */
  id: string;
  key: "newsMandateAsked" | "newsChargeComes" | "newsChargeFailed";
  payee: string;
  charge: NonNullable<Mandate["next_charge"]> | null;
}

/** What somebody who may be charged should hear of, whoever comes first in the list. */
export function readMandateNews(mandates: readonly Mandate[]): MandateNews[] {
  return mandates.flatMap(({ mandate_id, payee, status, next_charge: charge }): MandateNews[] => {
    if (status === "proposed") return [{ id: mandate_id, key: "newsMandateAsked", payee, charge: null }];
    if (status !== "active" || !charge) return [];
    const id = `${charge.charge_id}-${charge.status}`;
    if (charge.status === "announced") return [{ id, key: "newsChargeComes", payee, charge }];
    if (charge.status === "retrying") return [{ id, key: "newsChargeFailed", payee, charge }];
    return [];
  });
}
