import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/http";
import { chooseWays, CODE, PASSKEY, PASSWORD, readCode, readQuestion, type Question } from "./proof";

const asked = (flows: string[][], completed: string[] = []): Question => ({
  session: "s",
  flows: flows.map((stages) => ({ stages })),
  completed,
  params: {},
  isRefused: false,
});

describe("a question of the server", () => {
  it("is read from both kinds of errors", () => {
    const data = { session: "s", flows: [{ stages: [PASSWORD] }] };
    const ours = new ApiError(401, "reauthentication-failed", "", data);
    expect(readQuestion(ours)).toMatchObject({ session: "s", completed: [], isRefused: true });
    const theirs = Object.assign(new Error(), { httpStatus: 401, data });
    expect(readQuestion(theirs)).toMatchObject({ session: "s", isRefused: false });
  });

  it("is none where something else was refused", () => {
    expect(readQuestion(new ApiError(401, "M_UNKNOWN_TOKEN", ""))).toBeUndefined();
    expect(readQuestion(new ApiError(403, "x", "", { session: "s", flows: [] }))).toBeUndefined();
    expect(readQuestion(new Error("network"))).toBeUndefined();
    expect(readQuestion(undefined)).toBeUndefined();
  });
});

describe("the ways to answer", () => {
  it("asks for a code only after the password", () => {
    const flows = [[PASSWORD, CODE], [PASSKEY]];
    expect(chooseWays(asked(flows))).toEqual({ typed: PASSWORD, hasPasskey: true });
    expect(chooseWays(asked(flows, [PASSWORD]))).toEqual({ typed: CODE, hasPasskey: true });
  });

  it("asks for nothing to be typed where only a passkey will do", () => {
    expect(chooseWays(asked([[PASSKEY]]))).toEqual({ typed: undefined, hasPasskey: true });
  });

  it("tells codes of an app from codes that were kept", () => {
    expect(readCode("123 456")).toEqual({ code: "123456" });
    expect(readCode("abcd-efgh-jkmn-pqrs")).toEqual({ recovery_code: "abcd-efgh-jkmn-pqrs" });
  });
});
