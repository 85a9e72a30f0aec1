import { WidgetApi } from "matrix-widget-api";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Program } from "./api";
import { declaredCapabilities, readPaymentWish, WidgetHost, type Duties, type RoomBridge } from "./host";

const PROGRAM: Program = {
  program_id: "org.example.book",
  version: "1",
  name: { en: "Book", zh: "账本" },
  description: { en: "Book", zh: "账本" },
  author: "Somebody",
  opens: "room",
  permissions: ["room", "payments"],
  room: { sends: ["org.example.entry"], reads: ["org.example.entry"], state: ["m.room.member"] },
  entry_path: "/miniprograms/files/org.example.book/1/index.html",
  icon_path: "/icon.svg",
};
const SEND = "org.matrix.msc2762.send.event:org.example.entry";

function makeRoom(): RoomBridge {
  return {
    roomId: "!room:tea.example",
    userId: "@lin:tea.example",
    members: () => ["@lin:tea.example", "@bao:tea.example"],
    send: vi.fn(() => Promise.resolve("$sent")),
    find: (id) =>
      Promise.resolve({ type: id === "$own" ? "org.example.entry" : "m.room.message", sender: "@lin:tea.example" }),
    redact: vi.fn(() => Promise.resolve("$redaction")),
    readState: () => Promise.resolve([]),
    readEvents: () => Promise.resolve([]),
    readRelations: () =>
      Promise.resolve({
        events: ["org.example.entry", "m.room.message"].map((type) => ({
          event_id: `$${type}`, type, sender: "", room_id: "", origin_server_ts: 0, content: {}, unsigned: {},
        })),
        next: undefined,
      }),
    listen: () => () => undefined,
  };
}

function makeDuties(allows = true): Duties {
  return {
    allows: vi.fn(() => Promise.resolve(allows)),
    pay: vi.fn(() => Promise.resolve<string | undefined>("pay_1")),
    signResult: (id) => Promise.resolve({ result: { payment_id: id }, jws: "a.b.c" }),
    whoAmI: () => Promise.resolve({ id: "mpu_1" }),
    listShops: () => Promise.resolve([]),
    readMenu: () => Promise.resolve({}),
    placeOrder: () => Promise.resolve({}),
    listOrders: () => Promise.resolve([]),
    cancelOrder: () => Promise.resolve({}),
    saveFile: () => undefined,
  };
}

const opened: WidgetHost[] = [];
afterEach(() => {
  for (const host of opened.splice(0)) host.stop();
});

/** A host whose frame is a window of its own; `say` is what the frame posts. */
function open(duties = makeDuties(), room: RoomBridge | undefined = makeRoom()) {
  const heard: Record<string, unknown>[] = [];
  const frame = { postMessage: (message: Record<string, unknown>) => heard.push(message) } as unknown as Window;
  const host = new WidgetHost({ program: PROGRAM, widgetId: "w", frame: () => frame, duties, room });
  host.start();
  opened.push(host);
  const post = (data: object, source: unknown = frame) => {
    const event = new MessageEvent("message", { data });
    Object.defineProperty(event, "source", { value: source });
    window.dispatchEvent(event);
  };
  let count = 0;
  const say = async (action: string, data: object = {}) => {
    const requestId = String(++count);
    post({ api: "fromWidget", widgetId: "w", requestId, action, data });
    return vi.waitFor(() => {
      const answer = heard.find((one) => one.requestId === requestId && one.response);
      if (!answer) throw new Error("no answer yet");
      return answer.response as Record<string, { code?: string }>;
    });
  };
  const begin = async (capabilities: string[]) => {
    await say("content_loaded");
    const asked = await vi.waitFor(() => find("capabilities"));
    post({ ...asked, response: { capabilities } });
    return vi.waitFor(() => (find("notify_capabilities").data as { approved: string[] }).approved);
  };
  const find = (action: string) => {
    const found = heard.find((one) => one.action === action && one.api === "toWidget");
    if (!found) throw new Error("not yet");
    return found;
  };
  return { heard, post, say, begin, frame };
}

describe("the host of mini-programs", () => {
  it("approves only what the manifest declares and the member allows", async () => {
    const wanted = [SEND, "org.matrix.msc2762.send.event:m.room.message", "m.always_on_screen"];
    expect(await open().begin(wanted)).toEqual([SEND]);
    expect(await open(makeDuties(false)).begin(wanted)).toEqual([]);
  });

  it("sends, reads and takes back nothing else than the program's own entries", async () => {
    const room = makeRoom();
    const { say, begin } = open(makeDuties(), room);
    await begin(declaredCapabilities(PROGRAM));

    expect(await say("send_event", { type: "org.example.entry", content: {} })).toEqual({
      room_id: "!room:tea.example",
      event_id: "$sent",
    });
    for (const wrong of [
      { type: "m.room.message", content: {} },
      { type: "org.example.entry", content: {}, state_key: "" },
      { type: "org.example.entry", content: {}, room_id: "!other:tea.example" },
      { type: "m.room.redaction", content: { redacts: "$another" } },
    ]) {
      expect((await say("send_event", wrong)).error?.code).toBe("denied");
    }
    await say("send_event", { type: "m.room.redaction", content: { redacts: "$own" } });
    expect(room.redact).toHaveBeenCalledExactlyOnceWith("$own");
    const { chunk } = await say("org.matrix.msc3869.read_relations", { event_id: "$root" });
    expect(chunk).toHaveLength(1);
  });

  it("hears only its own frame, under the id that was given to it", async () => {
    const duties = makeDuties();
    const { post, heard } = open(duties);
    const request = { api: "fromWidget", widgetId: "w", requestId: "1", action: "org.teahouse.who_am_i" };
    post(request, window);
    post({ ...request, widgetId: "other" });
    post({ ...request, requestId: 1 });
    post("text" as unknown as object);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual([]);
  });

  it("shows one payment at a time, pays nothing that was not confirmed, and stops asking", async () => {
    const duties = { ...makeDuties(), pay: vi.fn(() => Promise.resolve(undefined)) };
    const { say, begin } = open(duties);
    await begin([SEND]);
    const wish = { payee: "@bao:tea.example", amount: { minor: 100, currency: "CNY" } };
    for (let tries = 0; tries < 3; tries += 1) {
      expect((await say("org.teahouse.request_payment", wish)).error?.code).toBe("cancelled");
    }
    expect((await say("org.teahouse.request_payment", wish)).error?.code).toBe("denied");
    expect(duties.pay).toHaveBeenCalledTimes(3);
    const stranger = { ...wish, payee: "@thief:tea.example" };
    expect((await say("org.teahouse.request_payment", stranger)).error?.code).toBe("invalid");
  });

  it("refuses what the manifest does not name without asking", async () => {
    const duties = makeDuties();
    const { say } = open(duties);
    expect((await say("org.teahouse.who_am_i")).error?.code).toBe("denied");
    expect((await say("org.teahouse.list_orders")).error?.code).toBe("denied");
    expect(duties.allows).not.toHaveBeenCalled();
    expect(await say("get_openid")).toEqual({ state: "blocked" });
  });

  it.each([0, -1, 1.5, 2 ** 60, "1", null])("takes %s for no amount", (minor) => {
    expect(() => readPaymentWish({ payee: "@a:b", amount: { minor, currency: "CNY" } })).toThrow();
  });

  it("speaks with a widget made with the Matrix widget library", async () => {
    const room = makeRoom();
    const { post, frame } = open(makeDuties(), room);
    // The library posts to what it takes for its parent; here that is the host's ear.
    const parent = { postMessage: (data: object) => post(data) };
    vi.stubGlobal("parent", parent);
    const widget = new WidgetApi("w");
    Object.assign(widget.transport, { transportWindow: parent });
    Object.assign(frame, {
      postMessage: (data: object) => window.dispatchEvent(new MessageEvent("message", { data })),
    });
    vi.spyOn(console, "log").mockImplementation(() => undefined);
    widget.requestCapabilities([SEND]);
    const ready = new Promise((resolve) => widget.once("ready", resolve));
    widget.start();
    await widget.sendContentLoaded();
    await ready;
    expect(widget.hasCapability(SEND)).toBe(true);
    expect(await widget.sendRoomEvent("org.example.entry", { a: 1 })).toMatchObject({ event_id: "$sent" });
    widget.transport.stop();
    vi.unstubAllGlobals();
  });
});
