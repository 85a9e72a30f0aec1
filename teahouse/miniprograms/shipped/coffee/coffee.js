/** Order at a shop of the house, pay, and see when it is ready. */

import {
  begin, cancelOrder, choose, el, formatMoney, listOrders, listShops, newKey, placeOrder, readMenu,
  requestPayment, Refused, whoAmI,
} from "/miniprograms/sdk/1/teahouse.js";
import { addLine, changeCount, COUNT_MAX, firstChoices, orderAgain, total, unitPrice } from "./cart.js";

/** @typedef {import("./cart.js").Menu} Menu */
/** @typedef {import("./cart.js").Item} Item */
/** @typedef {import("./cart.js").Line} Line */

const WORDS = {
  en: {
    menu: "Menu", orders: "Your orders", add: "Add", soldOut: "Sold out", cart: "Your order",
    empty: "Nothing in it yet.", note: "A note to the shop", called: "Name to call out",
    order: "Order and pay", back: "Back", pay: "Pay", cancel: "Cancel order", again: "Order again",
    closed: "The shop takes no orders now.", noShops: "No shop takes orders here yet.",
    chooseShop: "Where to?", fewer: "One fewer", more: "One more", denied: "You did not allow it. You can change that on this program's page.",
    failed: "That did not work: ", see: "See your order", paid: "Thank you! The shop has your order.",
    unpaid: "Not paid yet.", refusedWhy: "The shop gave your money back: ", number: "Number",
    status: { unpaid: "Not paid", paid: "Sent to the shop", accepted: "Being made", ready: "Ready: come and get it", collected: "Collected", refused: "Refused, money back", cancelled: "Cancelled", expired: "Not paid in time" },
  },
  zh: {
    menu: "菜单", orders: "我的订单", add: "加入", soldOut: "售罄", cart: "本次下单",
    empty: "还没有选择。", note: "给商家的备注", called: "取餐时叫的名字",
    order: "下单并付款", back: "返回", pay: "付款", cancel: "取消订单", again: "再来一单",
    closed: "商家现在不接单。", noShops: "这里还没有可以点单的商家。",
    chooseShop: "去哪一家？", fewer: "减一份", more: "加一份", denied: "您没有允许。可在本程序的页面里更改。",
    failed: "没有成功：", see: "查看订单", paid: "谢谢！商家已收到订单。",
    unpaid: "尚未付款。", refusedWhy: "商家已退款：", number: "取餐号",
    status: { unpaid: "未付款", paid: "已送达商家", accepted: "制作中", ready: "可以取了", collected: "已取", refused: "已拒绝并退款", cancelled: "已取消", expired: "超时未付款" },
  },
};
const LOOK_EVERY_MS = 3000;
const ACTIVE = ["unpaid", "paid", "accepted", "ready"];

const t = () => choose(WORDS);
/** @param {{en: string, zh: string}} both */
const named = (both) => choose(both);
const page = /** @type {HTMLElement} */ (document.getElementById("page"));

/** @type {any} */
let shop;
/** @type {Menu} */
let menu = { is_open: false, sections: [], options: [], items: [] };
/** @type {Line[]} */
let cart = [];
let note = "";
let called = "";
/** @type {any[]} */
let orders = [];
/** What was wrong or right with the last deed. @type {{text: string, isBad: boolean} | undefined} */
let told;
let key = newKey();
/** @type {ReturnType<typeof setInterval> | undefined} */
let looking;

/** @param {number} minor */
const money = (minor) => formatMoney({ minor, currency: shop.currency });
/** @param {() => Node[]} draw */
function show(draw) {
  const notes = told ? [el("p", { class: told.isBad ? "note bad" : "note", role: told.isBad ? "alert" : "status" }, told.text)] : [];
  page.replaceChildren(...notes, ...draw());
  scrollTo(0, 0);
}

/** Do something once, and say what went wrong. @param {HTMLButtonElement} button @param {() => Promise<void>} deed */
async function run(button, deed) {
  button.disabled = true;
  told = undefined;
  try {
    await deed();
  } catch (error) {
    const code = error instanceof Refused ? error.code : "";
    const text = code === "denied" ? t().denied : code === "cancelled" ? t().unpaid
      : t().failed + (error instanceof Error ? error.message : String(error));
    told = { text, isBad: code !== "cancelled" };
    await home();
  }
  button.disabled = false;
}

/** @param {string} label @param {() => Promise<void> | void} deed @param {Record<string, any>} [more] */
function button(label, deed, more = {}) {
  const made = el("button", { type: "button", ...more, onclick: () => void run(made, async () => deed()) }, label);
  return made;
}

async function start() {
  await begin();
  try {
    const shops = await listShops();
    if (shops.length === 1) await enter(shops[0]);
    else show(() => chooseShop(shops));
  } catch (error) {
    const isDenied = error instanceof Refused && error.code === "denied";
    told = { text: isDenied ? t().denied : t().failed + String(error), isBad: true };
    show(() => []);
  }
}

/** @param {any[]} shops */
function chooseShop(shops) {
  if (shops.length === 0) return [el("p", { class: "empty" }, t().noShops)];
  const rows = shops.map((one) =>
    el("li", {}, button(choose({ en: one.name, zh: one.name_zh || one.name }), () => enter(one), { class: "row" })),
  );
  return [el("h1", {}, t().chooseShop), el("ul", { class: "card" }, ...rows)];
}

/** @param {any} chosen */
async function enter(chosen) {
  ({ shop, menu } = await readMenu(chosen.shop_id));
  await home();
}

async function home() {
  orders = (await listOrders()).filter((/** @type {any} */ order) => order.shop_id === shop.shop_id);
  show(drawHome);
  look();
}

function look() {
  clearInterval(looking);
  if (!orders.some((order) => ACTIVE.includes(order.status))) return;
  looking = setInterval(async () => {
    const found = (await listOrders()).filter((/** @type {any} */ order) => order.shop_id === shop.shop_id);
    if (JSON.stringify(found) === JSON.stringify(orders)) return;
    orders = found;
    const place = document.getElementById("orders");
    if (place) place.replaceChildren(...drawOrders());
  }, LOOK_EVERY_MS);
}

function drawHome() {
  const name = choose({ en: shop.name, zh: shop.name_zh || shop.name });
  const sections = menu.sections.flatMap((section) => {
    const items = menu.items.filter((item) => item.section === section.id);
    if (items.length === 0) return [];
    return [el("section", {}, el("h2", {}, named(section)), el("ul", { class: "card" }, ...items.map(drawItem)))];
  });
  return [
    el("h1", {}, name),
    el("div", { id: "orders" }, ...drawOrders()),
    ...(shop.is_open ? sections : [el("p", { class: "note" }, t().closed)]),
    ...(cart.length > 0 ? [drawBar()] : []),
  ];
}

/** @param {Item} item */
function drawItem(item) {
  const about = choose({ en: item.about_en, zh: item.about_zh });
  return el("li", { class: "row item" },
    el("div", { class: "grow" }, el("h3", {}, named(item)), about ? el("p", { class: "soft" }, about) : null,
      el("span", { class: "amount" }, money(item.price))),
    item.is_sold_out
      ? el("span", { class: "soft" }, t().soldOut)
      : button(t().add, () => { told = undefined; show(() => drawChoice(item)); }, { "aria-label": `${t().add}: ${named(item)}` }),
  );
}

/** @param {Item} item */
function drawChoice(item) {
  /** @type {Line} */
  const line = { item: item.id, count: 1, choices: firstChoices(menu, item) };
  const price = el("span", { class: "amount" });
  const count = el("span", { "aria-live": "polite" });
  const update = () => {
    price.textContent = money(unitPrice(menu, line) * line.count);
    count.textContent = String(line.count);
  };
  update();
  const options = menu.options.filter(({ id }) => item.options.includes(id)).map((option) =>
    el("fieldset", {}, el("legend", {}, named(option)), el("div", { class: "card" }, ...option.choices.map((one) =>
      el("label", { class: "choice row" },
        el("input", { type: "radio", name: option.id, value: one.id, checked: line.choices[option.id] === one.id,
          onchange: () => { line.choices[option.id] = one.id; update(); } }),
        el("span", {}, named(one)), one.extra ? el("span", { class: "soft" }, `+${money(one.extra)}`) : null)))),
  );
  const step = (/** @type {number} */ by) => { line.count = Math.max(1, Math.min(COUNT_MAX, line.count + by)); update(); };
  return [
    el("h1", {}, named(item)),
    el("div", { class: "form" }, ...options),
    el("div", { class: "count" },
      el("button", { type: "button", "aria-label": t().fewer, onclick: () => step(-1) }, "−"), count,
      el("button", { type: "button", "aria-label": t().more, onclick: () => step(1) }, "+"), price),
    el("div", { class: "pair" }, button(t().back, home),
      button(t().add, () => { cart = addLine(cart, line); key = newKey(); return home(); }, { class: "primary" })),
  ];
}

function drawBar() {
  const count = cart.reduce((sum, line) => sum + line.count, 0);
  return el("div", { class: "bar" }, el("div", {},
    button(`${t().cart} (${count}) · ${money(total(menu, cart))}`, () => show(drawCart), { class: "primary wide" })));
}

/** @param {Line} line */
function describe(line) {
  const item = menu.items.find(({ id }) => id === line.item);
  const chosen = Object.entries(line.choices).map(([id, choice]) => {
    const found = menu.options.find((one) => one.id === id)?.choices.find((one) => one.id === choice);
    return found ? named(found) : choice;
  });
  return { name: item ? named(item) : line.item, chosen: chosen.join(" · ") };
}

/** @returns {Node[]} */
function drawCart() {
  const rows = cart.map((line, index) => {
    const { name, chosen } = describe(line);
    const change = (/** @type {number} */ by) => { cart = changeCount(cart, index, by); key = newKey(); show(drawCart); };
    return el("li", { class: "row" },
      el("div", { class: "grow" }, el("h3", {}, name), el("p", { class: "soft" }, chosen),
        el("span", { class: "amount" }, money(unitPrice(menu, line) * line.count))),
      el("span", { class: "count" },
        el("button", { type: "button", "aria-label": `${t().fewer}: ${name}`, onclick: () => change(-1) }, "−"), String(line.count),
        el("button", { type: "button", "aria-label": `${t().more}: ${name}`, onclick: () => change(1) }, "+")));
  });
  if (rows.length === 0) return [el("h1", {}, t().cart), el("p", { class: "empty" }, t().empty), button(t().back, home)];
  return [
    el("h1", {}, t().cart),
    el("ul", { class: "card" }, ...rows),
    el("label", {}, el("span", {}, t().called), el("input", { value: called, maxlength: 30, onfocus: askName, oninput: (/** @type {any} */ e) => { called = e.target.value; } })),
    el("label", {}, el("span", {}, t().note), el("input", { value: note, maxlength: 200, oninput: (/** @type {any} */ e) => { note = e.target.value; } })),
    el("div", { class: "pair" }, button(t().back, home),
      button(`${t().order} · ${money(total(menu, cart))}`, order, { class: "primary" })),
  ];
}

let hasAsked = false;
/** Offer the member's own name, once, if they let us. @param {any} event */
async function askName(event) {
  if (hasAsked || event.target.value) return;
  hasAsked = true;
  try {
    const { display_name } = await whoAmI();
    called = display_name.slice(0, 30);
    event.target.value = called;
  } catch {
    // They type a name, or none.
  }
}

async function order() {
  const placed = await placeOrder(shop.shop_id, { lines: cart, note: note.trim(), called: called.trim() }, key);
  key = newKey();
  cart = [];
  note = "";
  await pay(placed);
}

/** @param {any} placed */
async function pay(placed) {
  await requestPayment({ charge: placed.code });
  told = { text: t().paid, isBad: false };
  await home();
}

function drawOrders() {
  const shown = [...orders.filter(({ status }) => ACTIVE.includes(status)), ...orders.filter(({ status }) => !ACTIVE.includes(status)).slice(0, 5)];
  if (shown.length === 0) return [];
  return [el("h2", {}, t().orders), el("ul", { class: "card" }, ...shown.map(drawOrder))];
}

/** @param {any} one */
function drawOrder(one) {
  const lines = one.lines.map((/** @type {any} */ line) => el("p", { class: "soft" }, `${line.count} × ${choose(line)}`));
  const look = one.status === "unpaid" ? "status waiting" : ACTIVE.includes(one.status) ? "status" : "status over";
  /** @type {Record<string, string>} */
  const names = t().status;
  return el("li", { class: "row item" },
    el("span", { class: "number", "aria-label": `${t().number} ${one.number}` }, String(one.number)),
    el("div", { class: "grow" }, el("span", { class: look }, names[one.status] ?? one.status), ...lines,
      one.reason ? el("p", { class: "soft" }, t().refusedWhy + one.reason) : null,
      el("span", { class: "amount" }, formatMoney(one.total))),
    one.status === "unpaid"
      ? el("div", { class: "form" }, button(t().pay, () => pay(one), { class: "primary" }),
          button(t().cancel, async () => { await cancelOrder(one.order_id); await home(); }, { class: "plain" }))
      : ACTIVE.includes(one.status) ? null
      : button(t().again, () => { cart = orderAgain(menu, one.lines).reduce(addLine, cart); key = newKey(); show(drawCart); }, { class: "plain" }),
  );
}

void start();
