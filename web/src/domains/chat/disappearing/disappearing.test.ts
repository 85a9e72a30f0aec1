import { describe, expect, it } from "vitest";
import { computeExpiries, readSeconds } from "./disappearing";

const say = (id: string, at: number) => ({ id, at, isState: false });
const rule = (at: number, seconds: number) => ({ id: `rule ${at}`, at, rule: seconds, isState: true });

describe("messages", () => {
  it("disappear by the rule under which they were sent", () => {
    const events = [say("a", 1000), rule(2000, 60), say("b", 3000), rule(4000, 0), say("c", 5000)];
    expect([...computeExpiries(0, events)]).toEqual([["b", 63_000]]);
  });

  it("disappear by a rule that is older than what was loaded", () => {
    expect([...computeExpiries(10, [say("a", 0), rule(1, 20), say("b", 2)])]).toEqual([
      ["a", 10_000],
      ["b", 20_002],
    ]);
  });
});

describe("a rule", () => {
  it.each([[undefined, 0], [{}, 0], [{ seconds: -5 }, 0], [{ seconds: "60" }, 0], [{ seconds: 1.5 }, 0], [{ seconds: 60 }, 60]])(
    "of %j is %i seconds",
    (content, seconds) => expect(readSeconds(content)).toBe(seconds),
  );
});
