import { expect, test } from "vitest";
import type { OfficialRequest } from "./api";
import { endOfDay, listLines, listOfficialDeeds, startOfDay } from "./official";

const ALL = ["official.enter", "official.approve", "official.read"];
const NOW = Date.parse("2026-11-24T12:00:00Z");
const LINE = { user_id: "@mallory:tea.example", field: "accounts.member", from: 0, to: null };

const REQUEST: OfficialRequest = {
  request_id: "oreq_1",
  status: "received",
  instrument: "order",
  category: "account",
  country: "FR",
  authority: "Police",
  legal_basis: "Article 1",
  court: "Court",
  document: "aa",
  document_on: "2026-11-20",
  danger: "",
  asked: [LINE],
  gag: null,
  entered_by: "@ann:tea.example",
  entered_at: NOW,
  lapses_at: null,
  scope: [],
  scope_version: 0,
  scoped_by: null,
  approvals: [],
  gags: [],
  outcome: null,
  reason: "",
  concluded_by: null,
  notified_at: null,
  reviewed_by: null,
};

const listFor = (changes: Partial<OfficialRequest>, who = "cem", powers = ALL, now = NOW) =>
  listOfficialDeeds({ ...REQUEST, ...changes }, `@${who}:tea.example`, powers, now);

test("each field of each member is a line, over the days that were typed", () => {
  const wanted = { members: "@a:x  @b:x @a:x", fields: ["f.one", "f.two"], from: "", to: "" };
  expect(listLines(wanted)).toHaveLength(4);
  expect(listLines({ ...wanted, from: "2026-11-01", to: "2026-11-01" })[0]).toEqual({
    user_id: "@a:x",
    field: "f.one",
    from: startOfDay("2026-11-01"),
    to: endOfDay("2026-11-01"),
  });
  expect(listLines({ ...wanted, from: "2026-11-02", to: "2026-11-01" })).toEqual([]);
  expect(listLines({ ...wanted, members: " " })).toEqual([]);
});

test("who entered a request or set its scope does not agree to it, and nobody twice", () => {
  const scoped = { status: "scoped", scoped_by: "@bea:tea.example" } as const;
  expect(listFor(scoped)).toContain("approve");
  expect(listFor(scoped, "ann")).not.toContain("approve");
  expect(listFor(scoped, "bea")).not.toContain("approve");
  const once = { ...scoped, approvals: [{ by: "@cem:tea.example", at: NOW }] };
  expect(listFor(once)).not.toContain("approve");
});

test("a step is offered where it comes next, to those who may", () => {
  expect(listFor({})).toEqual(["validate", "reject"]);
  expect(listFor({ status: "validated" })).toEqual(["scope", "reject"]);
  expect(listFor({ status: "approved" })).toEqual(["try", "release", "reject"]);
  expect(listFor({ status: "approved" }, "dot", ["official.approve"])).toEqual(["try", "reject"]);
  expect(listFor({ status: "approved" }, "ida", ["official.read"])).toEqual([]);
  expect(listFor({ status: "notified", outcome: "released" })).toEqual([]);
});

test("whoever a request names has no part in it", () => {
  expect(listFor({}, "mallory")).toEqual([]);
});

test("a gag order is renewed only while it holds", () => {
  const gagged = { status: "released", gags: [{ document: "aa", ends_at: NOW + 1 }] } as const;
  expect(listFor({ ...gagged, gags: [...gagged.gags], outcome: "released" })).toEqual(["gag"]);
  expect(listFor({ ...gagged, gags: [...gagged.gags] }, "cem", ALL, NOW + 1)).toEqual([]);
});

test("an emergency is looked at afterwards by somebody who had no part in it", () => {
  const over = {
    instrument: "emergency",
    status: "notified",
    outcome: "released",
    concluded_by: "@bea:tea.example",
    notified_at: NOW,
  } as const;
  expect(listFor(over)).toEqual(["review"]);
  expect(listFor(over, "bea")).toEqual([]);
  expect(listFor(over, "ann")).toEqual([]);
});
