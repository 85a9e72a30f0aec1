import { describe, expect, it } from "vitest";
import { groupFields, tellStore } from "./views";

const WORDS = {
  deeds: {},
  stores: { accounts_member: "Your account", media: "Your pictures" },
  kinds: {
    "accounts_member.user_id": "Who you are: names of your account",
    "accounts_member.created_at": "What was done, and when",
  },
};

describe("what somebody saw", () => {
  it("is told by places, in words, and names without words stay as they are", () => {
    const fields = ["accounts_member.user_id", "accounts_member.created_at", "new_table.new"];
    expect(groupFields(fields, WORDS)).toEqual([
      { store: "Your account", kinds: ["Who you are", "What was done, and when"] },
      { store: "new_table.new", kinds: [] },
    ]);
  });

  it("names stores as members do", () => {
    expect(tellStore("accounts_member (7 days)", WORDS)).toBe("Your account");
    expect(tellStore("files media/", WORDS)).toBe("Your pictures");
    expect(tellStore("what_else (room)", WORDS)).toBe("what_else (room)");
  });
});
