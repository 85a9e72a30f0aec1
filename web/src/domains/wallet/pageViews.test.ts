import { describe, expect, it } from "vitest";
import type { Mandate, Summary } from "./pagesApi";
import {
  daysOfMonth,
  formatBytes,
  formatMonth,
  groupByFour,
  listCurrencies,
  makeTransferCode,
  monthOf,
  monthsUntil,
  readBars,
  readClaim,
  readMandateNews,
  shiftMonth,
  toUnits,
  usedShare,
} from "./pageViews";

describe("a month", () => {
  it("is the server's, which counts in UTC", () => {
    expect(monthOf(Date.UTC(2026, 10, 30, 23, 59))).toBe("2026-11");
  });

  it.each([
    ["2026-11", 1, "2026-12"],
    ["2026-12", 1, "2027-01"],
    ["2026-01", -1, "2025-12"],
    ["2026-03", -14, "2025-01"],
  ])("%s and %i is %s", (month, by, expected) => {
    expect(shiftMonth(month, by)).toBe(expected);
  });

  it("stands at the end of those before it", () => {
    expect(monthsUntil("2026-02", 4)).toEqual(["2025-11", "2025-12", "2026-01", "2026-02"]);
  });

  it("has its first and last day", () => {
    expect(daysOfMonth("2028-02")).toEqual({ first: "2028-02-01", last: "2028-02-29" });
    expect(daysOfMonth("2026-12")).toEqual({ first: "2026-12-01", last: "2026-12-31" });
  });

  it("is named in the member's language", () => {
    expect(formatMonth("2026-11", "en")).toBe("November 2026");
    expect(formatMonth("2026-11", "zh-Hans")).toBe("2026年11月");
  });
});

function summaryOf(month: string, ...sums: [string, number, number][]): Summary {
  const currencies = sums.map(([currency, came_in, went_out]) => ({
    currency,
    came_in,
    went_out,
    count: 1,
    by_kind: [],
    by_counterparty: [],
    by_day: [],
  }));
  return { month, currencies, is_complete: true };
}

describe("sums of months", () => {
  const summaries = [summaryOf("2026-10"), summaryOf("2026-11", ["EUR", 5, 0], ["CNY", 100, 30])];

  it("are bars of one currency, nothing where nothing was paid", () => {
    expect(readBars(summaries, "CNY")).toEqual([
      { month: "2026-10", cameIn: 0, wentOut: 0 },
      { month: "2026-11", cameIn: 100, wentOut: 30 },
    ]);
  });

  it("name each currency once, the preferred one first", () => {
    expect(listCurrencies([...summaries, ...summaries], "EUR")).toEqual(["EUR", "CNY"]);
    expect(listCurrencies(summaries, "XAF")).toEqual(["CNY", "EUR"]);
    expect(listCurrencies([], "XAF")).toEqual(["XAF"]);
  });

  it("are drawn in units of their currency", () => {
    expect([toUnits(2050, "CNY"), toUnits(500, "XAF"), toUnits(1234, "KWD")]).toEqual([20.5, 500, 1.234]);
  });
});

describe("a limit", () => {
  const cny = (minor: number) => ({ minor, currency: "CNY" });

  it.each([
    [cny(1000), cny(250), 0.25],
    [cny(1000), cny(4000), 1],
    [cny(0), cny(0), 1],
    [null, cny(9), undefined],
  ])("of %j is used by %j for %j", (limit, used, expected) => {
    expect(usedShare({ limit, used })).toBe(expected);
  });
});

describe("what is wanted back", () => {
  const paid = { minor: 2000, currency: "CNY" };

  it("is all of it unless something less was typed", () => {
    expect(readClaim(undefined, true, paid)).toEqual({});
    expect(readClaim({ minor: 500, currency: "CNY" }, false, paid)).toEqual({
      amount: { minor: 500, currency: "CNY" },
    });
    expect(readClaim({ minor: 2001, currency: "CNY" }, false, paid)).toBeUndefined();
    expect(readClaim(undefined, false, paid)).toBeUndefined();
  });
});

describe("a size", () => {
  it("is told as people read it", () => {
    expect(formatBytes(400, "en")).toBe("400 bytes");
    expect(formatBytes(12_340, "en")).toBe("12.3 kB");
    expect(formatBytes(2_500_000, "en")).toBe("2.5 MB");
  });
});

describe("a transfer to pay in", () => {
  const details = {
    currency: "EUR",
    name: "Teahouse Cooperative",
    number: "DE89370400440532013000",
    is_iban: true,
    bic: "COBADEFFXXX",
    reference: "RF18539007547034",
  };

  it("shows numbers in groups of four", () => {
    expect(groupByFour(details.reference)).toBe("RF18 5390 0754 7034");
    expect(groupByFour("123456")).toBe("1234 56");
    expect(groupByFour("")).toBe("");
  });

  it("is a code of EPC069-12 that leaves the amount open", () => {
    expect(makeTransferCode(details)?.split("\n")).toEqual([
      "BCD", "002", "1", "SCT", "COBADEFFXXX", "Teahouse Cooperative",
      "DE89370400440532013000", "", "", "RF18539007547034",
    ]);
  });

  it("has no code where no banking app reads one", () => {
    expect(makeTransferCode({ ...details, currency: "CNY" })).toBeUndefined();
    expect(makeTransferCode({ ...details, is_iban: false })).toBeUndefined();
  });
});

describe("news of who may charge", () => {
  const charge = {
    charge_id: "c1",
    amount: { minor: 3000, currency: "CNY" },
    due_at: 1,
    status: "announced" as const,
  };
  const mandate = (more: Partial<Mandate>) =>
    ({ mandate_id: "m1", payee: "Teas", status: "active", next_charge: null, ...more }) as Mandate;

  it("tells of a charge before it comes, and anew when it failed", () => {
    const [comes] = readMandateNews([mandate({ next_charge: charge })]);
    expect(comes).toMatchObject({ id: "c1-announced", key: "newsChargeComes", payee: "Teas" });
    const failed = { ...charge, status: "retrying" as const };
    const [again] = readMandateNews([mandate({ next_charge: failed })]);
    expect(again).toMatchObject({ id: "c1-retrying", key: "newsChargeFailed" });
  });

  it("tells of who asks, and of nothing that is over or quiet", () => {
    const asked = mandate({ status: "proposed" });
    expect(readMandateNews([asked])).toMatchObject([{ id: "m1", key: "newsMandateAsked" }]);
    const over = mandate({ status: "cancelled", next_charge: charge });
    expect(readMandateNews([mandate({}), over])).toEqual([]);
  });
});
