import { expect, it } from "vitest";
import { mayAct, neededToSet, roleOf, rolesToGive, withRole } from "./levels";

const LEVELS = { users: { "@o:x": 100, "@m:x": 50 }, events: { "m.room.power_levels": 100 } };

it("names roles by levels", () => {
  expect([Infinity, 100, 99, 75, 50, 49, 0].map(roleOf)).toEqual([
    "owner",
    "owner",
    "admin",
    "admin",
    "moderator",
    "member",
    "member",
  ]);
});

it("lets one act only on who stands lower", () => {
  expect(mayAct(50, 0, 50)).toBe(true);
  expect(mayAct(50, 50, 50)).toBe(false);
  expect(mayAct(49, 0, 50)).toBe(false);
});

it("lets one give no more than one has", () => {
  expect(rolesToGive(100, 0, LEVELS)).toEqual(["owner", "admin", "moderator", "member"]);
  expect(rolesToGive(100, 100, LEVELS)).toEqual([]);
  expect(rolesToGive(75, 0, LEVELS)).toEqual([]);
  expect(rolesToGive(75, 0, withRole(LEVELS, "@a:x", "admin"))).toEqual(["admin", "moderator", "member"]);
});

it("keeps all else", () => {
  const changed = withRole({ ...LEVELS, kick: 60 }, "@m:x", "member");
  expect(changed).toEqual({ ...LEVELS, kick: 60, users: { "@o:x": 100 } });
  expect(neededToSet({}, "m.room.topic")).toBe(50);
});
