import { describe, expect, it } from "vitest";
import { findEmoji, loadEmoji } from "./emoji";

describe("emoji", () => {
  it.each([
    ["en", "teapot", "🫖"],
    ["en", "tea cup", "🍵"],
    ["zh-Hans", "茶壶", "🫖"],
    ["zh-Hans", "茶", "🍵"],
  ] as const)("in %s are found by %s", async (tag, wanted, sign) => {
    const found = findEmoji(await loadEmoji(tag), wanted).slice(0, 5);
    expect(found.map((emoji) => emoji.sign)).toContain(sign);
  });

  it("that are parts of others are not offered, and nonsense finds nothing", async () => {
    const all = await loadEmoji("en");
    expect(all.length).toBeGreaterThan(1000);
    expect(all.filter(({ sign }) => sign === "🏻")).toEqual([]);
    expect(findEmoji(all, "qqqq zzzz")).toEqual([]);
  });
});
