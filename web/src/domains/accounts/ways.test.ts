import { describe, expect, it } from "vitest";
import { readNext } from "./SignIn";
import { readDevice } from "./SignInFallback";

describe("where a sign-in leads", () => {
  it.each([
    ["next=%2Fme%2Fsecurity", "/me/security"],
    ["next=%2Fsign-in%2Fapp%3FredirectUrl%3Dhttps%253A%252F%252Fa.example", "/sign-in/app?redirectUrl=https%3A%2F%2Fa.example"],
    ["next=%2F%2Fevil.example", "/chats"],
    ["next=%2F%5Cevil.example", "/chats"],
    ["next=https%3A%2F%2Fevil.example", "/chats"],
    ["next=javascript%3Aalert(1)", "/chats"],
    ["", "/chats"],
  ])("%s leads to %s", (search, path) => {
    expect(readNext(search)).toBe(path);
  });
});

it("a client that opens the page names its device", () => {
  expect(readDevice("device_id=A&initial_device_display_name=Old%20phone&x=1")).toEqual({
    device_id: "A",
    initial_device_display_name: "Old phone",
  });
  expect(readDevice("device_id=")).toEqual({});
});
