import { describe, expect, it } from "vitest";
import { beginHistory, changeText, endStep, redo, stepOfKey, undo, type History } from "./history";

function type(history: History, letters: string): History {
  return letters.split(/(?=.)/s).reduce((written, letter) => {
    const text = written.now.text + letter;
    return changeText(written, { text, start: text.length, end: text.length });
  }, history);
}

describe("the history of what is written", () => {
  it("goes back by words and by what a button did, and forth again", () => {
    const typed = type(beginHistory(""), "hot tea");
    const marked = changeText(typed, { text: "hot **tea**", start: 6, end: 9 });
    const steps: string[] = [];
    let at = marked;
    for (; at.past.length > 0; at = undo(at)) steps.push(at.now.text);
    expect(steps).toEqual(["hot **tea**", "hot tea", "hot ", "hot"]);
    expect(at.now.text).toBe("");
    expect(undo(at)).toBe(at);
    expect(redo(undo(marked)).now).toEqual({ text: "hot **tea**", start: 6, end: 9 });
  });

  it("forgets the way forth once something else is written", () => {
    const other = type(undo(type(beginHistory("pot"), "s")), "y");
    expect(redo(other).now.text).toBe("poty");
  });

  it("keeps one step for what is deleted or pasted each", () => {
    const pasted = changeText(beginHistory(""), { text: "Keemun", start: 6, end: 6 });
    const shorter = changeText(pasted, { text: "Keemu", start: 5, end: 5 });
    expect(undo(shorter).now.text).toBe("Keemun");
    expect(undo(undo(shorter)).now.text).toBe("");
  });

  it("takes what an input method makes as one step", () => {
    const compose = (history: History, text: string) =>
      changeText(history, { text, start: text.length, end: text.length }, true);
    const tea = endStep(["h", "he", "喝茶"].reduce(compose, beginHistory("")));
    const both = endStep(["喝茶q", "喝茶去"].reduce(compose, tea));
    expect(undo(both).now.text).toBe("喝茶");
    expect(undo(undo(both)).now.text).toBe("");
  });

  it("does not grow for ever", () => {
    const long = type(beginHistory(""), "a ".repeat(500));
    expect(long.past.length).toBe(200);
  });

  it("knows the keys of each system", () => {
    const plain = { key: "z", ctrlKey: true, metaKey: false, shiftKey: false, altKey: false };
    expect(stepOfKey(plain)).toBe(undo);
    expect(stepOfKey({ ...plain, ctrlKey: false, metaKey: true })).toBe(undo);
    expect(stepOfKey({ ...plain, key: "Z", shiftKey: true })).toBe(redo);
    expect(stepOfKey({ ...plain, key: "y" })).toBe(redo);
    expect(stepOfKey({ ...plain, ctrlKey: false })).toBeUndefined();
    expect(stepOfKey({ ...plain, altKey: true })).toBeUndefined();
  });
});
