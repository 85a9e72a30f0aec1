/**
 * The house's side of the Matrix widget API, and of the few actions of our own.
 *
 * It trusts nothing that comes from the frame: it listens to that one window only, answers only
 * what the manifest declares and the member allowed, and takes values by their exact shape. The
 * frame has an origin of its own ("null"), so windows are told apart by themselves, not by origin.
 *
 * Source: the widget API 0.0.2; MSC2762 (events), MSC2871 (approved capabilities), MSC2876 (reading
 * events), MSC3869 (reading relations).
 */

import type { Money } from "@/lib/money";
import type { Permission, Program } from "./api";

export const VERSIONS = [
  "0.0.1",
  "0.0.2",
  "org.matrix.msc2762",
  "org.matrix.msc2871",
  "org.matrix.msc2873",
  "org.matrix.msc2876",
  "org.matrix.msc3869",
  "org.teahouse.1",
];
const REDACTION = "m.room.redaction";
const READ_MAX = 1000;
const FILE_LETTERS_MAX = 1_000_000;
// Whoever said no so often is not asked again before the program is opened anew.
const CANCELLED_MAX = 3;

export interface RawEvent {
  event_id: string;
  type: string;
  sender: string;
  room_id: string;
  origin_server_ts: number;
  content: Record<string, unknown>;
  state_key?: string;
  unsigned: Record<string, unknown>;
}

export interface RelationsWish {
  eventId: string;
  relType: string | null;
  limit: number;
  from: string | undefined;
}

/** The chat that a program was opened in. */
export interface RoomBridge {
  roomId: string;
  userId: string;
  members: () => string[];
  send: (type: string, content: Record<string, unknown>) => Promise<string>;
  /** The type and sender of an event, decrypted. */
  find: (eventId: string) => Promise<{ type: string; sender: string } | undefined>;
  redact: (eventId: string) => Promise<string>;
  readState: (type: string) => Promise<RawEvent[]>;
  readEvents: (type: string, limit: number) => Promise<RawEvent[]>;
  readRelations: (wish: RelationsWish) => Promise<{ events: RawEvent[]; next: string | undefined }>;
  /** Tells of events of any type as they come; gives what ends that. */
  listen: (hear: (event: RawEvent) => void) => () => void;
}

export type PaymentWish =
  | { charge: string }
  | { payee: string; amount: Money; message: string };

/** What the house does for a program. */
export interface Duties {
  /** Whether the member allows it; asks where they have not answered yet. */
  allows: (permission: Permission) => Promise<boolean>;
  /** Shows the payment; gives its id once the member has paid. */
  pay: (wish: PaymentWish) => Promise<string | undefined>;
  signResult: (paymentId: string) => Promise<Record<string, unknown>>;
  whoAmI: () => Promise<Record<string, unknown>>;
  listShops: () => Promise<unknown[]>;
  readMenu: (shop: string) => Promise<Record<string, unknown>>;
  placeOrder: (shop: string, order: object, key: string) => Promise<Record<string, unknown>>;
  listOrders: () => Promise<unknown[]>;
  cancelOrder: (order: string) => Promise<Record<string, unknown>>;
  saveFile: (name: string, text: string) => void;
}

export class Denied extends Error {
  constructor(
    readonly code: "denied" | "cancelled" | "busy" | "invalid" | "unknown-action",
    message: string,
  ) {
    super(message);
  }
}

type Data = Record<string, unknown>;

interface Parts {
  program: Program;
  widgetId: string;
  frame: () => Window | null;
  duties: Duties;
  room: RoomBridge | undefined;
}

export class WidgetHost {
  private approved = new Set<string>();
  private waiting = new Map<string, (answer: Data) => void>();
  private count = 0;
  private hasBegun = false;
  private isPaying = false;
  private cancelled = 0;
  private stopListening: (() => void) | undefined;

  constructor(private readonly parts: Parts) {}

  start(): void {
    window.addEventListener("message", this.onMessage);
  }

  stop(): void {
    window.removeEventListener("message", this.onMessage);
    this.stopListening?.();
    this.stopListening = undefined;
    this.approved.clear();
  }

  private readonly onMessage = (event: MessageEvent<unknown>): void => {
    const frame = this.parts.frame();
    if (!frame || event.source !== frame) return;
    const message = asData(event.data);
    if (message?.widgetId !== this.parts.widgetId || typeof message.requestId !== "string") return;
    if (message.api === "toWidget") {
      const answer = asData(message.response);
      if (answer) this.waiting.get(message.requestId)?.(answer);
      this.waiting.delete(message.requestId);
    } else if (message.api === "fromWidget" && message.response === undefined) {
      void this.answer(message);
    }
  };

  private async answer(message: Data): Promise<void> {
    let response: Data;
    try {
      response = await this.act(String(message.action), asData(message.data) ?? {});
    } catch (error) {
      const code = error instanceof Denied ? error.code : "failed";
      response = { error: { code, message: error instanceof Error ? error.message : String(error) } };
    }
    this.post({ ...message, response });
    if (message.action === "content_loaded" && !response.error) await this.negotiate();
  }

  private post(message: Data): void {
    // An opaque origin cannot be named; the window is the frame's and nothing secret is said.
    this.parts.frame()?.postMessage(message, "*");
  }

  /** Ask the program. Unanswered questions are forgotten with it. */
  private ask(action: string, data: Data): Promise<Data> {
    this.count += 1;
    const requestId = `house-${this.count}`;
    return new Promise((resolve) => {
      this.waiting.set(requestId, resolve);
      this.post({ api: "toWidget", widgetId: this.parts.widgetId, requestId, action, data });
    });
  }

  private async negotiate(): Promise<void> {
    const { capabilities } = await this.ask("capabilities", {});
    const requested = Array.isArray(capabilities)
      ? capabilities.filter((one): one is string => typeof one === "string").slice(0, 100)
      : [];
    const declared = new Set(declaredCapabilities(this.parts.program));
    const wanted = requested.filter((one) => declared.has(one));
    const isAllowed = wanted.length > 0 && (await this.allowsRoom());
    this.approved = new Set(isAllowed ? wanted : []);
    this.stopListening?.();
    this.stopListening = this.parts.room?.listen((event) => {
      if (!this.mayReceive(event)) return;
      void this.ask("send_event", { ...event });
    });
    void this.ask("notify_capabilities", { requested, approved: [...this.approved] });
  }

  private async allowsRoom(): Promise<boolean> {
    return this.parts.room !== undefined && (await this.parts.duties.allows("room"));
  }

  private mayReceive({ type, state_key }: { type: string; state_key?: string }): boolean {
    const kind = state_key === undefined ? "event" : "state_event";
    return this.approved.has(`org.matrix.msc2762.receive.${kind}:${type}`);
  }

  private act(action: string, data: Data): Promise<Data> | Data {
    switch (action) {
      case "supported_api_versions":
        return { supported_versions: VERSIONS };
      case "content_loaded":
        if (this.hasBegun) throw new Denied("invalid", "The content was loaded before.");
        this.hasBegun = true;
        return {};
      case "get_openid":
        // A token for other servers is of no use to a page that can reach none.
        return { state: "blocked" };
      case "send_event":
        return this.sendEvent(data);
      case "org.matrix.msc2876.read_events":
        return this.readEvents(data);
      case "org.matrix.msc3869.read_relations":
        return this.readRelations(data);
      default:
        return this.actOurs(action, data);
    }
  }

  private async actOurs(action: string, data: Data): Promise<Data> {
    const { duties } = this.parts;
    switch (action) {
      case "org.teahouse.who_am_i":
        await this.require("profile");
        return duties.whoAmI();
      case "org.teahouse.request_payment":
        return this.requestPayment(data);
      case "org.teahouse.list_shops":
        await this.require("orders");
        return { shops: await duties.listShops() };
      case "org.teahouse.read_menu":
        await this.require("orders");
        return duties.readMenu(text(data.shop, 64));
      case "org.teahouse.place_order": {
        await this.require("orders");
        const order = asData(data.order) ?? {};
        return duties.placeOrder(text(data.shop, 64), order, text(data.key, 64));
      }
      case "org.teahouse.list_orders":
        await this.require("orders");
        return { orders: await duties.listOrders() };
      case "org.teahouse.cancel_order":
        await this.require("orders");
        return duties.cancelOrder(text(data.order, 64));
      case "org.teahouse.member_id":
        return { user_id: this.usedRoom().userId };
      case "org.teahouse.save_file":
        duties.saveFile(fileName(data.name), text(data.text, FILE_LETTERS_MAX));
        return {};
      default:
        throw new Denied("unknown-action", "The house does not know this action.");
    }
  }

  private async require(permission: Permission): Promise<void> {
    const isDeclared = this.parts.program.permissions.includes(permission);
    if (!isDeclared || !(await this.parts.duties.allows(permission))) {
      throw new Denied("denied", `The permission "${permission}" is missing.`);
    }
  }

  /** The chat, where the member let the program use it. */
  private usedRoom(): RoomBridge {
    if (!this.parts.room || this.approved.size === 0) {
      throw new Denied("denied", 'The permission "room" is missing.');
    }
    return this.parts.room;
  }

  private async requestPayment(data: Data): Promise<Data> {
    const wish = readPaymentWish(data);
    if ("payee" in wish && !this.usedRoom().members().includes(wish.payee)) {
      throw new Denied("invalid", "The payee is not in this chat.");
    }
    if (this.isPaying) throw new Denied("busy", "Another payment is shown.");
    if (this.cancelled >= CANCELLED_MAX) throw new Denied("denied", "The member said no.");
    this.isPaying = true;
    try {
      await this.require("payments");
      const paymentId = await this.parts.duties.pay(wish);
      if (paymentId === undefined) {
        this.cancelled += 1;
        throw new Denied("cancelled", "The member did not pay.");
      }
      this.cancelled = 0;
      return await this.parts.duties.signResult(paymentId);
    } finally {
      this.isPaying = false;
    }
  }

  private async sendEvent(data: Data): Promise<Data> {
    const type = text(data.type, 255);
    const room = this.usedRoom();
    const isAllowed = this.approved.has(`org.matrix.msc2762.send.event:${type}`);
    const isHere = data.room_id === undefined || data.room_id === room.roomId;
    const content = asData(data.content);
    if (!isAllowed || !isHere || !content || data.state_key !== undefined) {
      throw new Denied("denied", `Events of type "${type}" may not be sent.`);
    }
    const eventId =
      type === REDACTION ? await this.redact(room, content) : await room.send(type, content);
    return { room_id: room.roomId, event_id: eventId };
  }

  /** A program takes back only what it could have written for this member. */
  private async redact(room: RoomBridge, content: Data): Promise<string> {
    const target = text(content.redacts, 255);
    const found = await room.find(target);
    const isOwn =
      found?.sender === room.userId && this.parts.program.room.sends.includes(found.type);
    if (!isOwn) throw new Denied("denied", "Only the program's own entries may be taken back.");
    return room.redact(target);
  }

  private async readEvents(data: Data): Promise<Data> {
    const type = text(data.type, 255);
    const room = this.usedRoom();
    const isState = data.state_key !== undefined;
    if (!this.mayReceive({ type, ...(isState ? { state_key: "" } : {}) })) {
      throw new Denied("denied", `Events of type "${type}" may not be read.`);
    }
    const limit = readLimit(data.limit);
    const events = isState ? await room.readState(type) : await room.readEvents(type, limit);
    const wanted = typeof data.state_key === "string" ? data.state_key : undefined;
    const chosen = events.filter((event) => wanted === undefined || event.state_key === wanted);
    return { events: chosen.slice(0, limit) };
  }

  private async readRelations(data: Data): Promise<Data> {
    const room = this.usedRoom();
    const wish = {
      eventId: text(data.event_id, 255),
      relType: typeof data.rel_type === "string" ? data.rel_type : null,
      limit: readLimit(data.limit),
      from: typeof data.from === "string" ? data.from : undefined,
    };
    const { events, next } = await room.readRelations(wish);
    const chunk = events.filter((event) => this.mayReceive(event));
    return { chunk, ...(next ? { next_batch: next } : {}) };
  }
}

/** All that a program's manifest lets it ask for in a chat. */
export function declaredCapabilities({ permissions, room }: Program): string[] {
  if (!permissions.includes("room")) return [];
  const name = (direction: string, kind: string) => (type: string) =>
    `org.matrix.msc2762.${direction}.${kind}:${type}`;
  const redactions = room.sends.length > 0 ? [REDACTION] : [];
  return [
    ...[...room.sends, ...redactions].map(name("send", "event")),
    ...[...room.reads, ...redactions].map(name("receive", "event")),
    ...room.state.map(name("receive", "state_event")),
  ];
}

function asData(value: unknown): Data | undefined {
  const isData = typeof value === "object" && value !== null && !Array.isArray(value);
  return isData ? (value as Data) : undefined;
}

function text(value: unknown, max: number): string {
  if (typeof value !== "string" || value.length === 0 || value.length > max) {
    throw new Denied("invalid", "A text is missing, or too long.");
  }
  return value;
}

function fileName(value: unknown): string {
  const name = text(value, 100);
  // Nothing that a system would run, and no path.
  if (!/^[\p{L}\p{N} _-]+\.(csv|txt|json)$/u.test(name)) {
    throw new Denied("invalid", "A file is called name.csv, name.txt or name.json.");
  }
  return name;
}

function readLimit(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0
    ? Math.min(value, READ_MAX)
    : READ_MAX;
}

export function readPaymentWish(data: Data): PaymentWish {
  if (data.charge !== undefined) return { charge: text(data.charge, 64) };
  const amount = asData(data.amount);
  const { minor, currency } = amount ?? {};
  const isAmount =
    typeof minor === "number" && Number.isSafeInteger(minor) && minor > 0 && minor <= 1e15;
  if (!isAmount || typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) {
    throw new Denied("invalid", "The amount is none.");
  }
  const message = data.message === undefined || data.message === "" ? "" : text(data.message, 200);
  return { payee: text(data.payee, 255), amount: { minor, currency }, message };
}
