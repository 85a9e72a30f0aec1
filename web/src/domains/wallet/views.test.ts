import { describe, expect, it } from "vitest";
import { isMoney, readPaymentBlock } from "./Bubbles";
import { readChargeCode } from "./emv";
import { chooseProofs, chooseSet } from "./Paying";
import { readOwnLink } from "./Scan";
import type { PaymentView } from "./types";
import { groupByDay } from "./Wallet";

describe("what a message says of a payment", () => {
  it("is read where it has the form", () => {
    const block = { payment_id: "pay_1", kind: "transfer", reference: "trf_1" };
    expect(readPaymentBlock({ "org.teahouse.payment": block })).toEqual(block);
  });

  it.each([undefined, null, "x", 7, [], {}, { payment_id: 1, kind: "transfer", reference: "" }])(
    "is nothing where it is %j",
    (block) => {
      expect(readPaymentBlock({ "org.teahouse.payment": block })).toBeUndefined();
    },
  );

  it.each([
    [{ minor: 2000, currency: "CNY" }, true],
    [{ minor: 20.5, currency: "CNY" }, false],
    [{ minor: "2000", currency: "CNY" }, false],
    [{ minor: 1, currency: "<b>" }, false],
    [null, false],
  ])("%j is money: %s", (value, expected) => {
    expect(isMoney(value)).toBe(expected);
  });
});

describe("the factors that are asked for", () => {
  it("are the fewest that the member has, a password first", () => {
    expect(chooseSet([["passkey"], ["password"], ["password", "totp"]], ["password", "totp", "passkey"])).toEqual([
      "password",
    ]);
    expect(chooseSet([["password", "totp"], ["passkey"]], ["password", "passkey"])).toEqual(["passkey"]);
    expect(chooseSet([["passkey"]], ["password"])).toEqual([]);
  });

  it("can be confirmed by a passkey beside what is typed, where the browser has them", () => {
    const sets: ("password" | "totp" | "passkey")[][] = [["password", "totp"], ["passkey"]];
    const all = ["password", "totp", "passkey"] as const;
    expect(chooseProofs(sets, all, true)).toEqual({ typed: ["password", "totp"], hasPasskey: true });
    expect(chooseProofs(sets, all, false).hasPasskey).toBe(false);
    expect(chooseProofs(sets, ["password", "passkey"], true)).toEqual({ typed: [], hasPasskey: true });
    expect(chooseProofs([["password"]], all, true)).toEqual({ typed: ["password"], hasPasskey: false });
  });
});

describe("a scanned code", () => {
  const HERE = "https://tea.example";

  it.each([
    ["https://tea.example/pay/K7M2", "/pay/K7M2"],
    ["https://tea.example/to/%40lin%3Atea.example", "/to/%40lin%3Atea.example"],
    ["https://evil.example/pay/K7M2", undefined],
    ["https://tea.example/me/security", undefined],
    ["javascript:alert(1)", undefined],
    ["00020101021126", undefined],
  ])("%s leads to %s", (text, path) => {
    expect(readOwnLink(text, HERE)).toBe(path);
  });

  it("of a till names its charge, if it is of the shop that the server read", () => {
    const fields = "0011tea.example0105shp_10204K7M2";
    const code = `00020126${String(fields.length)}${fields}5802CN`;
    expect(readChargeCode(code, "shp_1")).toBe("K7M2");
    expect(readChargeCode(code, "shp_2")).toBeUndefined();
    expect(readChargeCode("garbage", "shp_1")).toBeUndefined();
  });
});

describe("a history", () => {
  it("stands under the days of its payments", () => {
    const noon = new Date(2026, 10, 24, 12).getTime();
    const payments = [noon, noon - 1000, noon - 86_400_000].map(
      (created_at) => ({ created_at }) as PaymentView,
    );
    expect(groupByDay(payments).map((group) => group.payments.length)).toEqual([2, 1]);
  });
});
