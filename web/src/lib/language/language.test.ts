import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import { makeTranslate, type Key } from ".";
import { en } from "./catalogues/en";
import { zhHans } from "./catalogues/zh-Hans";

/** The names of the values in a message. */
function valuesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)/g)].map((found) => found[1] ?? ""))].sort();
}

describe("the catalogues", () => {
  it("have the same messages, none of them empty, in every language", () => {
    expect(Object.keys(zhHans).sort()).toEqual(Object.keys(en).sort());
    expect(Object.values(zhHans).filter((text) => !text.trim())).toEqual([]);
  });

  it.each(Object.keys(en) as Key[])("%s can be read, with the same values in each", (key) => {
    expect(() => new IntlMessageFormat(en[key], "en")).not.toThrow();
    expect(() => new IntlMessageFormat(zhHans[key], "zh-Hans")).not.toThrow();
    const asked = valuesOf(en[key]);
    expect(valuesOf(zhHans[key]).filter((name) => !asked.includes(name))).toEqual([]);
  });

  it("count in the plural of their language", () => {
    const [english, chinese] = [makeTranslate("en", en), makeTranslate("zh-Hans", zhHans)];
    expect(english("members", { count: 1 })).toBe("1 member");
    expect(english("members", { count: 2 })).toBe("2 members");
    expect(chinese("members", { count: 2 })).toBe("2 位成员");
  });
});
