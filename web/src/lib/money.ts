/** The one place that reads and writes amounts. Amounts are whole minor units, never fractions. */

export interface Money {
  minor: number;
  currency: string;
}

// As the server: more is refused. All of it is exact in a JavaScript number.
const MINOR_MAX = 1e15;

/** Decimals of a currency by ISO 4217, which ECMA-402 prescribes for currencies. */
export function exponentOf(currency: string): number {
  const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return options.maximumFractionDigits ?? 2;
}

export function formatMoney(money: Money, tag: string): string {
  const format = new Intl.NumberFormat(tag, {
    style: "currency",
    currency: money.currency,
    currencyDisplay: "narrowSymbol",
  });
  return format.format(decimalText(money) as unknown as number);
}

/** An amount with its sign, as histories show it. */
export function formatSigned(money: Money, tag: string, direction: "in" | "out"): string {
  return `${direction === "in" ? "+" : "−"}${formatMoney(money, tag)}`;
}

/** "20.5" as minor units; nothing where it is no amount of this currency. */
export function parseAmount(typed: string, currency: string): Money | undefined {
  const exponent = exponentOf(currency);
  const found = /^(\d{1,13})(?:[.,](\d*))?$/.exec(typed.trim());
  if (!found) return undefined;
  const decimals = found[2] ?? "";
  if (decimals.length > exponent) return undefined;
  const minor = Number((found[1] ?? "") + decimals.padEnd(exponent, "0"));
  return minor > 0 && minor <= MINOR_MAX ? { minor, currency } : undefined;
}

/** As one types it, such as "20.50". */
export function decimalText({ minor, currency }: Money): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
  const sign = minor < 0 ? "-" : "";
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
