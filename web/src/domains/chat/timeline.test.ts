import { describe, expect, it } from "vitest";
import { isOnlyEmoji, layOut, readMemberId, splitLinks, type Fact } from "./timeline";

const NOON = new Date(2026, 10, 24, 12).getTime();
const MINUTE = 60_000;

function message(key: string, sender: string, at: number): Fact {
  return { key, sender, at, kind: "message" };
}

describe("a chat's layout", () => {
  it("puts a heading before each day", () => {
    const items = layOut([
      message("1", "lin", NOON - 24 * 60 * MINUTE),
      message("2", "lin", NOON),
      message("3", "bao", NOON + 1),
    ]);
    expect(items.map((item) => item.is)).toEqual(["day", "message", "day", "message", "message"]);
  });

  it("joins messages of one sender into a block until somebody speaks or time passes", () => {
    const items = layOut([
      message("1", "lin", NOON),
      message("2", "lin", NOON + MINUTE),
      message("3", "bao", NOON + 2 * MINUTE),
      message("4", "bao", NOON + 20 * MINUTE),
    ]);
    const edges = items.flatMap((item) =>
      item.is === "message" ? [[item.key, item.isFirst, item.isLast]] : [],
    );
    expect(edges).toEqual([
      ["1", true, false],
      ["2", false, true],
      ["3", true, true],
      ["4", true, true],
    ]);
  });

  it("leaves out what is hidden, and does not let it break a block", () => {
    const items = layOut([
      message("1", "lin", NOON),
      { key: "2", sender: "bao", at: NOON, kind: "hidden" },
      message("3", "lin", NOON),
    ]);
    expect(items.map((item) => item.key).slice(1)).toEqual(["1", "3"]);
    expect(items[1]).toMatchObject({ isFirst: true, isLast: false });
  });
});

describe("links in a text", () => {
  it("are found without the sign that ends the sentence", () => {
    expect(splitLinks("See https://tea.example/a?b=1. Good?")).toEqual([
      { text: "See " },
      { link: "https://tea.example/a?b=1", text: "https://tea.example/a?b=1" },
      { text: ". Good?" },
    ]);
  });

  it("are never a script", () => {
    expect(splitLinks("javascript:alert(1)")).toEqual([{ text: "javascript:alert(1)" }]);
  });

  it("end before a Chinese full stop", () => {
    expect(splitLinks("看https://tea.example。")[1]).toMatchObject({ link: "https://tea.example" });
  });
});

describe("what somebody typed", () => {
  it.each([
    ["🫖", true],
    ["👩‍👩‍👧 🎋", false],
    ["🎋🎋🎋🎋", false],
    ["tea", false],
    ["", false],
  ])("%s is only emoji: %s", (text, expected) => {
    expect(isOnlyEmoji(text)).toBe(expected);
  });

  it.each([
    ["lin", "@lin:tea.example"],
    ["@Lin", "@lin:tea.example"],
    [" @bao:other.example ", "@bao:other.example"],
    ["two words", undefined],
  ])("%s is the member %s", (typed, expected) => {
    expect(readMemberId(typed, "tea.example")).toBe(expected);
  });
});
