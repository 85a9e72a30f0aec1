import { describe, expect, it } from "vitest";
import { computeLine, formatLength, type CallFact } from "./lines";

const [LIN, BAO] = ["@lin:tea.example", "@bao:tea.example"];
const invite: CallFact = { type: "m.call.invite", sender: LIN, at: 1_000, lifetime: 60_000 };
const answer: CallFact = { type: "m.call.answer", sender: BAO, at: 5_000 };
const hangUp = (sender: string, at = 70_000, reason?: string): CallFact => ({
  type: "m.call.hangup",
  sender,
  at,
  ...(reason ? { reason } : {}),
});
const LATER = 1_000_000;

describe("the line of a call", () => {
  it("tells its length once it is over", () => {
    const facts = [{ ...invite, isVideo: true }, answer, hangUp(BAO, 70_000)];
    expect(computeLine(facts, LIN, LATER)).toEqual({ kind: "over", isVideo: true, seconds: 65 });
  });

  it("says to who was called that they missed it, and to the caller that nobody answered", () => {
    for (const facts of [[invite, hangUp(LIN)], [invite, hangUp(LIN, 61_000, "invite_timeout")], [invite]]) {
      expect(computeLine(facts, BAO, LATER).kind).toBe("missed");
      expect(computeLine(facts, LIN, LATER).kind).toBe("noAnswer");
    }
  });

  it("says so where it was declined, by either of the ways", () => {
    const declined: CallFact = { type: "m.call.reject", sender: BAO, at: 5_000 };
    for (const facts of [[invite, declined], [invite, hangUp(BAO)]]) {
      expect(computeLine(facts, LIN, LATER).kind).toBe("declined");
    }
  });

  it("is open while it rings and while they talk", () => {
    expect(computeLine([invite], BAO, 30_000).kind).toBe("open");
    expect(computeLine([invite, answer], BAO, LATER).kind).toBe("open");
  });

  it("tells of a connection that failed", () => {
    expect(computeLine([invite, answer, hangUp(LIN, 9_000, "ice_failed")], LIN, LATER).kind).toBe("failed");
  });
});

it("lengths are written as clocks show them", () => {
  expect([0, 65, 600, 3_725].map(formatLength)).toEqual(["0:00", "1:05", "10:00", "1:02:05"]);
});
