import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/http";
import { makeTranslate } from "@/lib/language";
import { en } from "@/lib/language/catalogues/en";
import { tellWeakPassword } from "./doing";

const t = makeTranslate("en", en);

describe("a password that the house does not take", () => {
  it("is too short, or one that many people use", () => {
    const short = new ApiError(400, "M_WEAK_PASSWORD", "", {});
    expect(tellWeakPassword(t, short)).toBe(t("passwordWeak"));
    const common = { "org.teahouse.reason": "common" };
    expect(tellWeakPassword(t, new ApiError(400, "M_WEAK_PASSWORD", "", common))).toBe(
      t("passwordCommon"),
    );
    // As the Matrix SDK tells it.
    const theirs = Object.assign(new Error(), { errcode: "M_WEAK_PASSWORD", data: common });
    expect(tellWeakPassword(t, theirs)).toBe(t("passwordCommon"));
  });
});
