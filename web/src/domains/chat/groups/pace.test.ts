import { expect, it } from "vitest";
import { computeWait, formatWait, isSlowed } from "./pace";

it("counts from the last message to the next", () => {
  expect(computeWait(30, 1_000, 11_000)).toBe(20_000);
  expect(computeWait(30, 1_000, 31_000)).toBe(0);
  expect(computeWait(30, undefined, 11_000)).toBe(0);
  expect(computeWait(0, 1_000, 1_000)).toBe(0);
});

it("makes nobody wait for longer than the rule, whatever the clock says", () => {
  expect(computeWait(30, 900_000, 1_000)).toBe(30_000);
});

it("shows what is left", () => {
  expect(formatWait(3_599_001)).toBe("1:00:00");
  expect(formatWait(61_000)).toBe("1:01");
  expect(formatWait(20)).toBe("0:01");
});

it("lets through what the server does", () => {
  expect(["m.reaction", "m.call.invite", "m.room.encrypted"].map(isSlowed)).toEqual([false, false, true]);
});
