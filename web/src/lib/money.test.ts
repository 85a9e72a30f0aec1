import { describe, expect, it } from "vitest";
import { decimalText, exponentOf, formatMoney, parseAmount } from "./money";

describe("what somebody typed as an amount", () => {
  it.each([
    ["20", "CNY", 2000],
    ["20.5", "CNY", 2050],
    ["20,50", "EUR", 2050],
    ["0.01", "CNY", 1],
    ["500", "XAF", 500],
    ["1.234", "KWD", 1234],
    ["19.99", "CNY", 1999],
  ])("%s in %s is %i minor units", (typed, currency, minor) => {
    expect(parseAmount(typed, currency)).toEqual({ minor, currency });
  });

  it.each([
    ["", "CNY"],
    ["0", "CNY"],
    ["-5", "CNY"],
    ["1e3", "CNY"],
    ["20.505", "CNY"],
    ["5.5", "XAF"],
    ["1.234,50", "EUR"],
    ["99999999999999", "CNY"],
  ])("%s in %s is none", (typed, currency) => {
    expect(parseAmount(typed, currency)).toBeUndefined();
  });
});

describe("amounts in words", () => {
  it("have the decimals of their currency", () => {
    expect([exponentOf("CNY"), exponentOf("XAF"), exponentOf("KWD")]).toEqual([2, 0, 3]);
    expect(decimalText({ minor: 5, currency: "CNY" })).toBe("0.05");
    expect(decimalText({ minor: 500, currency: "XAF" })).toBe("500");
  });

  it("lose nothing where a fraction of binary digits would", () => {
    const large = { minor: 999_999_999_999_999, currency: "CNY" };
    expect(formatMoney(large, "en")).toBe("¥9,999,999,999,999.99");
  });
});
