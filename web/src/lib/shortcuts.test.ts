import { describe, expect, it } from "vitest";
import { readShortcut, stepTo } from "./shortcuts";

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

describe("a shortcut", () => {
  it.each([
    [{ ...plain, key: "k", ctrlKey: true }, "search"],
    [{ ...plain, key: "K", metaKey: true }, "search"],
    [{ ...plain, key: "/", ctrlKey: true }, "help"],
    [{ ...plain, key: "?", ctrlKey: true, shiftKey: true }, "help"],
    [{ ...plain, key: "ArrowUp", altKey: true }, "before"],
    [{ ...plain, key: "ArrowDown", altKey: true }, "after"],
  ])("%o asks for %s", (pressed, deed) => {
    expect(readShortcut(pressed)).toBe(deed);
  });

  it.each([
    { ...plain, key: "k" },
    { ...plain, key: "/" },
    { ...plain, key: "ArrowUp" },
    { ...plain, key: "ArrowUp", altKey: true, shiftKey: true },
    { ...plain, key: "k", ctrlKey: true, altKey: true },
    { ...plain, key: "k", ctrlKey: true, shiftKey: true },
  ])("%o is for writing, or somebody else's", (pressed) => {
    expect(readShortcut(pressed)).toBeUndefined();
  });
});

describe("a step in a list", () => {
  it("goes to the neighbour, and stops at the ends", () => {
    expect(stepTo(["a", "b", "c"], "b", 1)).toBe("c");
    expect(stepTo(["a", "b", "c"], "b", -1)).toBe("a");
    expect(stepTo(["a", "b", "c"], "c", 1)).toBeUndefined();
    expect(stepTo(["a", "b", "c"], "a", -1)).toBeUndefined();
  });

  it("begins with the first", () => {
    expect(stepTo(["a", "b"], undefined, -1)).toBe("a");
    expect(stepTo(["a", "b"], "gone", 1)).toBe("a");
    expect(stepTo<string>([], undefined, 1)).toBeUndefined();
  });
});
