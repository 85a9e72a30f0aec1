/** The shared book of a group: its entries are events of the chat, encrypted where the chat is. */

import {
  begin, choose, el, exponentOf, formatMoney, mayRead, mayReadState, maySend, memberId, onEvent,
  readRelations, readState, redact, Refused, requestPayment, saveFile, sendEvent,
} from "/miniprograms/sdk/1/teahouse.js";
import {
  computeBalances, computeShares, EXPENSE, isExpense, isSettlement, parseAmount, settle, SETTLEMENT, toCsv,
} from "./sums.js";

const WORDS = {
  en: {
    title: "Shared expenses", add: "Add an expense", empty: "Nothing in the book yet. Add what somebody paid for the group.",
    balances: "Where you stand", gets: "gets back", owes: "owes", even: "All even.", settleUp: "To settle, the fewest payments",
    pay: "Pay", paidOutside: "Paid otherwise", entries: "Entries", undo: "Undo", what: "What for", amount: "Amount", currency: "Currency",
    paidBy: "Paid by", how: "Split", equal: "Equally", weights: "By shares", exact: "Exact amounts", forWhom: "For whom",
    save: "Save", cancel: "Cancel", badAmount: "Enter an amount.", badSplit: "The amounts must add up to the whole.",
    nobody: "Choose at least one.", noWhat: "Say what it was for.", export: "Save as CSV", denied: "You did not allow this program to keep a book in this chat. You can change that on its page.",
    failed: "That did not work: ", settled: "paid back", undone: "Cancelled: nothing was paid.", share: "Share of", loading: "Opening the book…",
    head: ["Date", "Kind", "What for", "Amount", "Currency", "Paid by", "Paid to", "Share of each"],
  },
  zh: {
    title: "共同账本", add: "记一笔", empty: "账本还是空的。记下谁为大家付了什么。",
    balances: "目前结余", gets: "应收", owes: "应付", even: "已经两清。", settleUp: "最少几笔即可结清",
    pay: "付款", paidOutside: "已另行付清", entries: "账目", undo: "撤销", what: "用途", amount: "金额", currency: "币种",
    paidBy: "付款人", how: "分摊方式", equal: "平均", weights: "按份数", exact: "按金额", forWhom: "为谁付的",
    save: "保存", cancel: "取消", badAmount: "请输入金额。", badSplit: "各人金额之和须等于总额。",
    nobody: "请至少选一人。", noWhat: "请写明用途。", export: "导出 CSV", denied: "您没有允许本程序在这个聊天里记账。可在它的页面里更改。",
    failed: "没有成功：", settled: "还款给", undone: "已取消，没有付款。", share: "份额：", loading: "正在打开账本…",
    head: ["日期", "类型", "用途", "金额", "币种", "付款人", "收款人", "各人份额"],
  },
};
const CURRENCIES = ["CNY", "EUR", "USD", "XAF"];
const t = () => choose(WORDS);
const page = /** @type {HTMLElement} */ (document.getElementById("page"));

/** @type {Map<string, import("/miniprograms/sdk/1/teahouse.js").RoomEvent>} */
const events = new Map();
/** @type {Map<string, string>} */
const names = new Map();
let me = "";
/** Everything in the book refers to the event that made the chat: so it is found at once. */
let root = "";
let currency = "CNY";
/** @type {{text: string, isBad: boolean} | undefined} */
let told;
/** Whether a form is open, which news must not close. */
let isWriting = false;

/** @param {string} userId */
const nameOf = (userId) => names.get(userId) ?? userId.replace(/^@/, "").split(":")[0] ?? userId;
const sorted = () => [...events.values()].sort((one, two) => two.origin_server_ts - one.origin_server_ts);

/** @param {Node[]} children */
function show(children) {
  const notes = told ? [el("p", { class: told.isBad ? "note bad" : "note", role: told.isBad ? "alert" : "status" }, told.text)] : [];
  page.replaceChildren(...notes, ...children);
}

/** @param {unknown} error */
function tell(error) {
  const code = error instanceof Refused ? error.code : "";
  const text = code === "denied" ? t().denied : code === "cancelled" ? t().undone : t().failed + (error instanceof Error ? error.message : String(error));
  told = { text, isBad: code !== "cancelled" };
}

/** @param {string} label @param {() => Promise<unknown> | unknown} deed @param {Record<string, any>} [more] */
function button(label, deed, more = {}) {
  const made = el("button", {
    type: "button", ...more,
    onclick: async () => {
      made.disabled = true;
      told = undefined;
      try {
        await deed();
      } catch (error) {
        tell(error);
        drawBook();
      }
      made.disabled = false;
    },
  }, label);
  return made;
}

async function start() {
  show([el("p", { class: "empty", role: "status" }, t().loading)]);
  const types = [EXPENSE, SETTLEMENT];
  const wanted = [
    ...types.map(maySend), ...types.map(mayRead), maySend("m.room.redaction"), mayRead("m.room.redaction"),
    mayReadState("m.room.create"), mayReadState("m.room.member"),
  ];
  const approved = await begin(wanted);
  if (!approved.has(maySend(EXPENSE))) {
    told = { text: t().denied, isBad: true };
    show([]);
    return;
  }
  onEvent(hear);
  me = await memberId();
  const [create] = await readState("m.room.create");
  root = create?.event_id ?? "";
  for (const { state_key, content } of await readState("m.room.member")) {
    if (state_key && ["join", "invite"].includes(content.membership)) names.set(state_key, content.displayname || nameOf(state_key));
  }
  for (const event of await readRelations(root, "m.reference")) keep(event);
  currency = sorted()[0]?.content.currency ?? currency;
  drawBook();
}

/** @param {import("/miniprograms/sdk/1/teahouse.js").RoomEvent} event */
function keep(event) {
  const isOurs = event.content?.["m.relates_to"]?.event_id === root;
  const isWhole = event.type === EXPENSE ? isExpense(event.content) : event.type === SETTLEMENT && isSettlement(event.content);
  // Only whoever paid back can say so, or whoever was paid.
  const isSaid = event.type !== SETTLEMENT || [event.content.from, event.content.to].includes(event.sender);
  if (isOurs && isWhole && isSaid) events.set(event.event_id, event);
}

/** @param {any} event */
function hear(event) {
  if (event.type === "m.room.redaction") events.delete(event.content?.redacts ?? event.redacts ?? "");
  else keep(event);
  if (!isWriting) drawBook();
}

/** @param {string} type @param {object} content */
async function write(type, content) {
  const whole = { ...content, "m.relates_to": { rel_type: "m.reference", event_id: root } };
  const { event_id } = await sendEvent(type, whole);
  keep({ event_id, type, sender: me, origin_server_ts: Date.now(), content: whole });
}

function balances() {
  const all = [...events.values()];
  return computeBalances(
    all.filter(({ type }) => type === EXPENSE).map(({ content }) => /** @type {any} */ (content)),
    all.filter(({ type }) => type === SETTLEMENT).map(({ content }) => /** @type {any} */ (content)),
  );
}

function drawBook() {
  isWriting = false;
  const all = sorted();
  show([
    el("h1", {}, t().title),
    button(t().add, () => drawForm(), { class: "primary wide" }),
    ...(all.length === 0 ? [el("p", { class: "empty" }, t().empty)] : []),
    ...[...balances()].flatMap(([unit, found]) => drawBalances(unit, found)),
    ...(all.length > 0 ? [el("section", {}, el("h2", {}, t().entries), el("ul", { class: "card" }, ...all.map(drawEntry))),
      button(t().export, () => saveFile("expenses.csv", toCsv(table())))] : []),
  ]);
}

/** @param {string} unit @param {Map<string, number>} found */
function drawBalances(unit, found) {
  const open = [...found].filter(([, minor]) => minor !== 0).sort(([, one], [, two]) => two - one);
  if (open.length === 0) return [el("p", { class: "note" }, t().even)];
  const rows = open.map(([who, minor]) =>
    el("li", { class: "row" }, el("span", { class: "grow" }, nameOf(who)),
      el("span", { class: minor > 0 ? "gets" : "owes" }, minor > 0 ? t().gets : t().owes),
      el("span", { class: "amount" }, formatMoney({ minor: Math.abs(minor), currency: unit }))));
  const payments = settle(found).map(({ from, to, minor }) => drawTransfer({ from, to, minor, currency: unit }));
  return [
    el("section", { "data-testid": "balances" }, el("h2", {}, `${t().balances} · ${unit}`), el("ul", { class: "card" }, ...rows)),
    el("section", { "data-testid": "settle" }, el("h2", {}, t().settleUp), el("ul", { class: "card" }, ...payments)),
  ];
}

/** @param {import("./sums.js").Settlement} one */
function drawTransfer(one) {
  const { from, to, minor } = one;
  const amount = { minor, currency: one.currency };
  const pay = async () => {
    const { result } = await requestPayment({ payee: to, amount, message: t().title });
    await write(SETTLEMENT, { ...one, payment_id: result.payment_id });
    drawBook();
  };
  const note = async () => {
    await write(SETTLEMENT, one);
    drawBook();
  };
  const who = `${nameOf(from)} → ${nameOf(to)}`;
  return el("li", { class: "row" },
    el("div", { class: "grow" }, el("span", {}, who), el("div", { class: "amount" }, formatMoney(amount))),
    from === me ? button(t().pay, pay, { class: "primary", "aria-label": `${t().pay}: ${who}` }) : null,
    [from, to].includes(me) ? button(t().paidOutside, note, { class: "plain", "aria-label": `${t().paidOutside}: ${who}` }) : null);
}

/** @param {import("/miniprograms/sdk/1/teahouse.js").RoomEvent} event */
function drawEntry(event) {
  const { content } = event;
  const isPayment = event.type === SETTLEMENT;
  const date = new Date(event.origin_server_ts).toLocaleDateString(choose({ en: "en", zh: "zh-Hans" }), { day: "numeric", month: "short" });
  const title = isPayment ? `${nameOf(content.from)} ${t().settled} ${nameOf(content.to)}` : content.what;
  const shared = isPayment ? "" : ` · ${content.split.parts.map((/** @type {any} */ part) => nameOf(part.who)).join(", ")}`;
  return el("li", { class: "row" },
    el("div", { class: "grow" }, el("h3", {}, title),
      el("p", { class: "soft" }, `${date} · ${isPayment ? nameOf(event.sender) : `${t().paidBy} ${nameOf(content.paid_by)}`}${shared}`)),
    el("span", { class: "amount" }, formatMoney({ minor: content.minor, currency: content.currency })),
    event.sender === me
      ? button(t().undo, async () => { await redact(event.event_id); events.delete(event.event_id); drawBook(); }, { class: "plain", "aria-label": `${t().undo}: ${title}` })
      : null);
}

function drawForm() {
  isWriting = true;
  const people = [...names].sort(([, one], [, two]) => one.localeCompare(two));
  const what = el("input", { maxlength: 100 });
  const amount = el("input", { inputmode: "decimal", autocomplete: "off" });
  const unit = el("select", {}, ...[...new Set([currency, ...CURRENCIES])].map((code) => el("option", { value: code }, code)));
  const payer = el("select", {}, ...people.map(([id, name]) => el("option", { value: id, selected: id === me }, name)));
  const how = el("select", {}, ...(/** @type {const} */ (["equal", "weights", "exact"])).map((one) => el("option", { value: one }, t()[one])));
  const parts = people.map(([who, name]) => {
    const check = el("input", { type: "checkbox", checked: true });
    const part = el("input", { inputmode: "decimal", "aria-label": `${t().share} ${name}`, value: "1" });
    const place = el("span", { class: "share", hidden: true }, part);
    return { who, check, part, place, row: el("div", { class: "row" }, el("label", { class: "choice grow" }, check, el("span", {}, name)), place) };
  });
  how.addEventListener("change", () => {
    for (const { place, part } of parts) {
      place.hidden = how.value === "equal";
      part.value = how.value === "weights" ? "1" : "";
    }
  });
  const trouble = el("p", { class: "note bad", role: "alert", hidden: true });
  const save = async () => {
    const content = readForm();
    if (typeof content === "string") {
      trouble.textContent = content;
      trouble.hidden = false;
      return;
    }
    currency = content.currency;
    await write(EXPENSE, content);
    drawBook();
  };
  const readForm = () => {
    const exponent = exponentOf(unit.value);
    const minor = parseAmount(amount.value, exponent);
    if (!what.value.trim()) return t().noWhat;
    if (!minor) return t().badAmount;
    const chosen = parts.filter(({ check }) => check.checked);
    if (chosen.length === 0) return t().nobody;
    const found = chosen.map(({ who, part }) => ({
      who,
      part: how.value === "equal" ? 1 : how.value === "weights" ? Number.parseInt(part.value, 10) || 0 : (parseAmount(part.value, exponent) ?? 0),
    }));
    const content = { currency: unit.value, minor, what: what.value.trim(), paid_by: payer.value, split: { how: how.value, parts: found } };
    return isExpense(content) ? content : t().badSplit;
  };
  show([
    el("h1", {}, t().add),
    el("form", { class: "form", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); saving.click(); } },
      el("label", {}, el("span", {}, t().what), what),
      el("div", { class: "pair" }, el("label", {}, el("span", {}, t().amount), amount), el("label", {}, el("span", {}, t().currency), unit)),
      el("label", {}, el("span", {}, t().paidBy), payer),
      el("label", {}, el("span", {}, t().how), how),
      el("fieldset", {}, el("legend", {}, t().forWhom), el("div", { class: "card" }, ...parts.map(({ row }) => row))),
      trouble),
    el("div", { class: "pair" }, button(t().cancel, drawBook), makeSaving()),
  ]);
  what.focus();
  function makeSaving() {
    saving = button(t().save, save, { class: "primary" });
    return saving;
  }
}
/** @type {HTMLButtonElement} */
let saving;

/** @returns {(string | number)[][]} */
function table() {
  const plain = (/** @type {number} */ minor, /** @type {string} */ unit) => (minor / 10 ** exponentOf(unit)).toFixed(exponentOf(unit));
  return [t().head, ...sorted().reverse().map(({ type, content, origin_server_ts: at }) => [
    new Date(at).toISOString().slice(0, 10), type === EXPENSE ? "expense" : "settlement", content.what ?? "",
    plain(content.minor, content.currency), content.currency, nameOf(content.paid_by ?? content.from), content.to ? nameOf(content.to) : "",
    type === EXPENSE ? [...computeShares(/** @type {any} */ (content))].map(([who, minor]) => `${nameOf(who)} ${plain(minor, content.currency)}`).join("; ") : "",
  ])];
}

start().catch((error) => {
  tell(error);
  show([]);
});
