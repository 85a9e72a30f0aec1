import { describe, expect, it } from "vitest";
import { findMessages, fold, isEnough, makeSnippet, splitWords, type Indexed } from "./text";

function index(texts: string[]): Indexed[] {
  return texts.map((text, at) => ({
    id: `$${at}`,
    roomId: at % 2 ? "!odd" : "!even",
    sender: "@a",
    at,
    text,
    folded: fold(text),
  }));
}

const TEXTS = [
  "Shall we meet at the Café by the canal?",
  "周日下午三点在老地方喝茶",
  "The canal is frozen",
  "我们周一去喝咖啡吧",
  "meeting moved to Monday",
];

function find(wanted: string, limit = 10) {
  return findMessages(index(TEXTS), wanted, { limit, now: 0 }).entries.map(({ text }) => text);
}

describe("messages", () => {
  it.each([
    ["canal", [2, 0]],
    ["CAFE", [0]],
    ["meet", [4, 0]],
    ["canal meet", [0]],
    ["喝茶", [1]],
    ["喝", [3, 1]],
    ["老地方周日", [1]],
    ["ｃａｎａｌ", [2, 0]],
    ["nothing", []],
    ["a", []],
    ["!?", []],
  ])("are found by %s", (wanted, places) => {
    expect(find(wanted)).toEqual(places.map((place) => TEXTS[place]));
  });

  it("with the whole phrase come before newer ones that only have its words", () => {
    const all = index(["the green tea", "tea that is green"]);
    const { entries } = findMessages(all, "green tea", { limit: 5, now: 0 });
    expect(entries.map(({ id }) => id)).toEqual(["$0", "$1"]);
  });

  it("are found in one chat, counted, and not after they disappeared", () => {
    const all = index(["tea", "tea", "tea", "tea"]);
    if (all[3]) all[3].expiresAt = 50;
    expect(findMessages(all, "tea", { limit: 1, now: 100 })).toMatchObject({ count: 3 });
    expect(findMessages(all, "tea", { roomId: "!odd", limit: 9, now: 100 }).count).toBe(1);
  });

  it("are searched fast: a hundred thousand of them in well under a second", () => {
    const all = index(Array.from({ length: 100_000 }, (_, i) => `message ${i} about the weather and 茶 in town`));
    const began = performance.now();
    expect(findMessages(all, "weather 9999", { limit: 50, now: 0 }).count).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe("what is typed", () => {
  it("is cut into words, Chinese too", () => {
    expect(splitWords("Tea, tea and  茶馆老板")).toEqual(["tea", "and", "茶馆", "老板"]);
    expect([isEnough("a"), isEnough("茶"), isEnough("ab"), isEnough(" . ")]).toEqual([false, true, true, false]);
  });
});

describe("a snippet", () => {
  it("marks what was found, as it was written", () => {
    expect(makeSnippet("The CAFÉ and a cafe", "café")).toEqual([
      { text: "The ", isFound: false },
      { text: "CAFÉ", isFound: true },
      { text: " and a ", isFound: false },
      { text: "cafe", isFound: true },
    ]);
  });

  it("of a long message is the part around it", () => {
    const text = `${"x ".repeat(200)}茶馆${" y".repeat(200)}`;
    const pieces = makeSnippet(text, "茶馆");
    expect(pieces.map((piece) => piece.text).join("").length).toBeLessThan(200);
    expect(pieces.filter(({ isFound }) => isFound)).toEqual([{ text: "茶馆", isFound: true }]);
    expect([pieces[0]?.text, pieces.at(-1)?.text]).toEqual(["…", "…"]);
  });
});
