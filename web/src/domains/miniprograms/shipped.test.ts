/** The sums of the mini-programs that come with Teahouse. */

import { describe, expect, it } from "vitest";
import { addLine, changeCount, orderAgain, total } from "../../../../teahouse/miniprograms/shipped/coffee/cart.js";
import {
  computeBalances,
  computeShares,
  isExpense,
  isSettlement,
  parseAmount,
  settle,
  toCsv,
} from "../../../../teahouse/miniprograms/shipped/shared_book/sums.js";

type How = "equal" | "weights" | "exact";
const expense = (minor: number, by: string, how: How, parts: [string, number][]) => ({
  currency: "CNY",
  minor,
  what: "Tea",
  paid_by: by,
  split: { how, parts: parts.map(([who, part]) => ({ who, part })) },
});
const three: [string, number][] = [["a", 1], ["b", 1], ["c", 1]];

describe("the shared book", () => {
  it.each([
    [100, "equal", three, [34, 33, 33]],
    [1, "equal", three, [1, 0, 0]],
    [100, "weights", [["a", 2], ["b", 1], ["c", 0]], [67, 33, 0]],
    [1e15, "weights", [["a", 1e15], ["b", 1e15], ["c", 1]], [500000000000000, 500000000000000, 0]],
    [100, "exact", [["a", 70], ["b", 30]], [70, 30]],
  ] as [number, How, [string, number][], number[]][])("splits %d %s", (minor, how, parts, shares) => {
    expect([...computeShares(expense(minor, "a", how, parts)).values()]).toEqual(shares);
  });

  it("loses no unit, whatever is split", () => {
    for (let minor = 1; minor < 200; minor += 7) {
      const shares = computeShares(expense(minor, "a", "weights", [["a", 3], ["b", 5], ["c", 11]]));
      expect([...shares.values()].reduce((one, two) => one + two)).toBe(minor);
    }
  });

  it("balances what was paid and what was paid back", () => {
    const books = computeBalances(
      [expense(90, "a", "equal", three), expense(30, "c", "equal", three)],
      [{ currency: "CNY", from: "b", to: "a", minor: 40 }],
    );
    expect(Object.fromEntries(books.get("CNY") ?? [])).toEqual({ a: 10, b: 0, c: -10 });
  });

  it("settles with the fewest payments", () => {
    // Two pairs that are even among themselves: two payments, where greed would take three.
    expect(settle(new Map([["a", 5], ["b", -5], ["c", 3], ["d", -3]]))).toHaveLength(2);
    expect(settle(new Map([["a", 6], ["b", 4], ["c", -3], ["d", -3], ["e", -4]]))).toHaveLength(3);
    expect(settle(new Map([["a", 0]]))).toEqual([]);
    const many = new Map(Array.from({ length: 40 }, (_, index) => [`m${index}`, index - 19.5 < 0 ? -1 : 1]));
    const payments = settle(many);
    expect(payments.length).toBeLessThan(40);
    for (const { from, to, minor } of payments) {
      many.set(from, (many.get(from) ?? 0) + minor);
      many.set(to, (many.get(to) ?? 0) - minor);
    }
    expect([...many.values()].every((left) => left === 0)).toBe(true);
  });

  it.each([
    {},
    null,
    { ...expense(100, "a", "exact", [["a", 1]]) },
    { ...expense(100, "a", "weights", [["a", 0]]) },
    { ...expense(100, "a", "equal", [["a", 1], ["a", 1]]) },
    { ...expense(0.5, "a", "equal", three) },
    { ...expense(100, "a", "equal", []) },
    { ...expense(100, "a", "equal", three), currency: "yuan" },
  ])("takes %j for no entry", (content) => {
    expect(isExpense(content)).toBe(false);
    expect(isSettlement(content)).toBe(false);
  });

  it("reads amounts and writes tables that no spreadsheet runs", () => {
    expect([parseAmount("20.5", 2), parseAmount("20.555", 2), parseAmount("-1", 2), parseAmount("7", 0)]).toEqual([2050, undefined, undefined, 7]);
    expect(toCsv([["=1+1", 'a "b", c', 3]])).toBe(`'=1+1,"a ""b"", c",3\r\n`);
  });
});

describe("the cart", () => {
  const menu = {
    is_open: true,
    sections: [],
    options: [{ id: "size", en: "Size", zh: "杯", choices: [{ id: "m", en: "M", zh: "中", extra: 0 }, { id: "l", en: "L", zh: "大", extra: 400 }] }],
    items: [
      { id: "latte", section: "s", en: "Latte", zh: "拿铁", about_en: "", about_zh: "", price: 2800, options: ["size"], is_sold_out: false },
      { id: "gone", section: "s", en: "Gone", zh: "无", about_en: "", about_zh: "", price: 1, options: [], is_sold_out: true },
    ],
  };
  const large = { item: "latte", count: 1, choices: { size: "l" } };

  it("adds up, and counts the same choice once", () => {
    const cart = addLine(addLine([large], large), { ...large, choices: { size: "m" } });
    expect(cart.map(({ count }) => count)).toEqual([2, 1]);
    expect(total(menu, cart)).toBe(9200);
    expect(changeCount(cart, 1, -1)).toHaveLength(1);
  });

  it("orders again what is still there", () => {
    const lines = [large, { item: "gone", count: 1, choices: {} }, { ...large, choices: { size: "xl" } }];
    expect(orderAgain(menu, lines).map(({ choices }) => choices.size)).toEqual(["l", "m"]);
  });
});
