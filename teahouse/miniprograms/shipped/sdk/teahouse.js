/**
 * What a mini-program talks to the house with: the Matrix widget API over postMessage, and a few
 * actions of Teahouse's own. docs/how-to/write-a-mini-program.md explains it.
 *
 * @typedef {{ minor: number, currency: string }} Money
 * @typedef {{ event_id: string, type: string, sender: string, origin_server_ts: number,
 *   state_key?: string, content: Record<string, any>, unsigned?: Record<string, any> }} RoomEvent
 * @typedef {{ result: Record<string, any>, jws: string }} SignedResult
 */

const VERSIONS = ["0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2871", "org.matrix.msc2873",
  "org.matrix.msc2876", "org.matrix.msc3869", "org.teahouse.1"];
// A question may wait for the member; this one only guards against a host that never answers.
const WAIT_MS = 15 * 60_000;

/** A request that the house or the member refused. `code` says why: "denied", "cancelled", … */
export class Refused extends Error {
  /** @param {string} message @param {string} code */
  constructor(message, code) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

const words = new URLSearchParams(location.search);
const widgetId = words.get("widgetId") ?? "";

/** The chat it was opened in; empty where it was opened by itself. */
export const roomId = words.get("roomId") ?? "";
/** "en" or "zh-Hans". */
export let language = words.get("clientLanguage") ?? "en";
const isChinese = () => language.startsWith("zh");

/** Choose by the member's language. @template T @param {{en: T, zh: T}} both @returns {T} */
export const choose = (both) => (isChinese() ? both.zh : both.en);

/** @type {Map<string, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
const waiting = new Map();
/** @type {Set<(event: RoomEvent) => void>} */
const listeners = new Set();
/** @type {string[]} */
let wanted = [];
/** @type {((approved: string[]) => void) | undefined} */
let onApproved;
let count = 0;

/**
 * Ask the house something.
 *
 * @param {string} action
 * @param {Record<string, any>} [data]
 * @returns {Promise<any>}
 */
export function ask(action, data = {}) {
  const requestId = `mini-${++count}`;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Refused("no answer", "timeout")), WAIT_MS);
    const done = () => {
      clearTimeout(timer);
      waiting.delete(requestId);
    };
    waiting.set(requestId, {
      resolve: (answer) => (done(), resolve(answer)),
      reject: (error) => (done(), reject(error)),
    });
    post({ api: "fromWidget", widgetId, requestId, action, data });
  });
}

/** @param {object} message */
function post(message) {
  // The house checks that it comes from this frame; the page around it can only be the house.
  parent.postMessage(message, words.get("parentUrl") ?? "*");
}

addEventListener("message", ({ source, data }) => {
  if (source !== parent || data?.widgetId !== widgetId) return;
  if (data.api === "fromWidget" && data.response) {
    const open = waiting.get(data.requestId);
    const { error } = data.response;
    if (error) open?.reject(new Refused(error.message ?? "refused", error.code ?? "refused"));
    else open?.resolve(data.response);
  } else if (data.api === "toWidget" && !data.response) {
    post({ ...data, response: answer(data.action, data.data ?? {}) });
  }
});

/** @param {string} action @param {any} data */
function answer(action, data) {
  switch (action) {
    case "supported_api_versions":
      return { supported_versions: VERSIONS };
    case "capabilities":
      return { capabilities: wanted };
    case "notify_capabilities":
      onApproved?.(data.approved ?? []);
      return {};
    case "send_event":
      for (const listen of listeners) listen(data);
      return {};
    case "theme_change":
      showTheme(data.name);
      return {};
    case "language_change":
      language = data.lang ?? language;
      return {};
    default:
      return { error: { message: "unknown action" } };
  }
}

/** @param {string | null} name */
function showTheme(name) {
  if (name === "light" || name === "dark") document.documentElement.dataset.theme = name;
}

/**
 * Begin: tell the house that the page is there, and what it would like to do in the chat.
 *
 * @param {string[]} [capabilities] as of the Matrix widget API
 * @returns {Promise<Set<string>>} those that the member allowed
 */
export async function begin(capabilities = []) {
  wanted = capabilities;
  showTheme(words.get("clientTheme"));
  document.documentElement.lang = isChinese() ? "zh-Hans" : "en";
  const approved = new Promise((resolve) => {
    onApproved = resolve;
  });
  await ask("content_loaded");
  return new Set(await approved);
}

/** Who the member is to this program: an id of its own, and their name. Permission `profile`. */
export const whoAmI = () => ask("org.teahouse.who_am_i");

/**
 * Show the member a payment; they confirm it or not. Permission `payments`.
 *
 * @param {{charge: string} | {payee: string, amount: Money, message?: string}} wish
 * @returns {Promise<SignedResult>}
 */
export const requestPayment = (wish) => ask("org.teahouse.request_payment", wish);

// Shops. Permission `orders`.

export const listShops = async () => (await ask("org.teahouse.list_shops")).shops;
/** @param {string} shop */
export const readMenu = (shop) => ask("org.teahouse.read_menu", { shop });
/**
 * @param {string} shop
 * @param {{lines: object[], note?: string, called?: string}} order
 * @param {string} key the same again for the same order, so that it is placed once
 */
export const placeOrder = (shop, order, key) =>
  ask("org.teahouse.place_order", { shop, order, key });
export const listOrders = async () => (await ask("org.teahouse.list_orders")).orders;
/** @param {string} order */
export const cancelOrder = (order) => ask("org.teahouse.cancel_order", { order });

// The chat. Permission `room`.

/** @param {string} type */
export const maySend = (type) => `org.matrix.msc2762.send.event:${type}`;
/** @param {string} type */
export const mayRead = (type) => `org.matrix.msc2762.receive.event:${type}`;
/** @param {string} type */
export const mayReadState = (type) => `org.matrix.msc2762.receive.state_event:${type}`;

/** @param {string} type @param {object} content @returns {Promise<{event_id: string}>} */
export const sendEvent = (type, content) => ask("send_event", { type, content });
/** Take back an entry. @param {string} eventId */
export const redact = (eventId) =>
  ask("send_event", { type: "m.room.redaction", content: { redacts: eventId } });
/** @param {string} type @returns {Promise<RoomEvent[]>} */
export const readState = async (type) =>
  (await ask("org.matrix.msc2876.read_events", { type, state_key: true, limit: 1000 })).events;

/**
 * Everything that refers to an event, the newest first.
 *
 * @param {string} eventId
 * @param {string} relType
 * @returns {Promise<RoomEvent[]>}
 */
export async function readRelations(eventId, relType) {
  /** @type {RoomEvent[]} */
  const found = [];
  /** @type {string | undefined} */
  let from;
  do {
    const page = await ask("org.matrix.msc3869.read_relations", {
      event_id: eventId,
      rel_type: relType,
      limit: 100,
      ...(from ? { from } : {}),
    });
    found.push(...page.chunk);
    from = page.next_batch;
  } while (from);
  return found;
}

/** Hear of new events in the chat. @param {(event: RoomEvent) => void} listen */
export function onEvent(listen) {
  listeners.add(listen);
  return () => listeners.delete(listen);
}

// What every program needs

/** Save a file on the member's device. The frame may not download by itself: the house asks.
 * @param {string} name @param {string} text */
export const saveFile = (name, text) => ask("org.teahouse.save_file", { name, text });

/** @param {Money} money */
export function formatMoney({ minor, currency }) {
  const tag = isChinese() ? "zh-Hans" : "en";
  const format = new Intl.NumberFormat(tag, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  return format.format(minor / 10 ** exponentOf(currency));
}

/** @param {string} currency */
export function exponentOf(currency) {
  const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return options.maximumFractionDigits ?? 2;
}

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes] `onclick` and the like are listeners
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value" && "value" in made) made.value = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A key for something that is done once. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The member's own id, as the chat shows it to everybody in it. Permission `room`. */
export const memberId = async () => (await ask("org.teahouse.member_id")).user_id;
