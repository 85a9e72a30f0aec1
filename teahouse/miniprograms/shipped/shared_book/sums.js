/**
 * Who owes whom. Pure. Amounts are whole minor units and every split sums exactly.
 *
 * An entry is the content of an event of type `org.teahouse.expense`; a settlement of
 * `org.teahouse.expense.settlement`. docs/explanation/mini-programs.md describes both.
 *
 * @typedef {{ currency: string, minor: number, what: string, paid_by: string,
 *   split: { how: "equal" | "weights" | "exact", parts: {who: string, part: number}[] } }} Expense
 * @typedef {{ currency: string, minor: number, from: string, to: string, payment_id?: string }} Settlement
 * @typedef {{ from: string, to: string, minor: number }} Transfer
 */

export const EXPENSE = "org.teahouse.expense";
export const SETTLEMENT = "org.teahouse.expense.settlement";
const MINOR_MAX = 1e15;
const PARTS_MAX = 200;

/**
 * What each has to bear of an expense. Shares by weight differ from the exact ones by less than a
 * unit; what is left over goes to the largest remainders, the first among equals.
 *
 * @param {Expense} expense
 * @returns {Map<string, number>}
 */
export function computeShares({ minor, split }) {
  if (split.how === "exact") return new Map(split.parts.map(({ who, part }) => [who, part]));
  const weights = split.parts.map(({ part }) => BigInt(split.how === "equal" ? 1 : part));
  const sum = weights.reduce((one, two) => one + two, 0n);
  const floors = weights.map((weight) => Number((BigInt(minor) * weight) / sum));
  const remainders = weights.map((weight) => Number((BigInt(minor) * weight) % sum));
  let left = minor - floors.reduce((one, two) => one + two, 0);
  const order = remainders.map((_, index) => index).sort((one, two) => (remainders[two] ?? 0) - (remainders[one] ?? 0) || one - two);
  for (const index of order) {
    if (left <= 0) break;
    floors[index] = (floors[index] ?? 0) + 1;
    left -= 1;
  }
  return new Map(split.parts.map(({ who }, index) => [who, floors[index] ?? 0]));
}

/** Whether what somebody sent is an expense that can be reckoned with. @param {any} content @returns {content is Expense} */
export function isExpense(content) {
  const { currency, minor, what, paid_by, split } = content ?? {};
  if (!isAmount(minor) || !isCurrency(currency) || typeof what !== "string" || typeof paid_by !== "string") return false;
  const parts = split?.parts;
  if (!["equal", "weights", "exact"].includes(split?.how) || !Array.isArray(parts)) return false;
  if (parts.length === 0 || parts.length > PARTS_MAX) return false;
  if (new Set(parts.map((one) => one?.who)).size !== parts.length) return false;
  if (!parts.every((one) => typeof one?.who === "string" && Number.isSafeInteger(one.part) && one.part >= 0 && one.part <= MINOR_MAX)) return false;
  const sum = parts.reduce((/** @type {number} */ all, one) => all + one.part, 0);
  return split.how === "equal" || (split.how === "exact" ? sum === minor : sum > 0);
}

/** @param {any} content @returns {content is Settlement} */
export function isSettlement(content) {
  const { currency, minor, from, to } = content ?? {};
  return isAmount(minor) && isCurrency(currency) && typeof from === "string" && typeof to === "string" && from !== to;
}

/** @param {unknown} minor */
const isAmount = (minor) => Number.isSafeInteger(minor) && Number(minor) > 0 && Number(minor) <= MINOR_MAX;
/** @param {unknown} currency */
const isCurrency = (currency) => typeof currency === "string" && /^[A-Z]{3}$/.test(currency);

/**
 * What each is owed (positive) or owes (negative), by currency. Sums to nothing.
 *
 * @param {readonly Expense[]} expenses
 * @param {readonly Settlement[]} settlements
 * @returns {Map<string, Map<string, number>>}
 */
export function computeBalances(expenses, settlements) {
  /** @type {Map<string, Map<string, number>>} */
  const all = new Map();
  const add = (/** @type {string} */ currency, /** @type {string} */ who, /** @type {number} */ minor) => {
    const balances = all.get(currency) ?? new Map();
    balances.set(who, (balances.get(who) ?? 0) + minor);
    all.set(currency, balances);
  };
  for (const expense of expenses) {
    add(expense.currency, expense.paid_by, expense.minor);
    for (const [who, share] of computeShares(expense)) add(expense.currency, who, -share);
  }
  for (const { currency, from, to, minor } of settlements) {
    add(currency, from, minor);
    add(currency, to, -minor);
  }
  return all;
}

// 2^12 sets of up to twelve people are looked at in a moment; beyond that the quick way must do.
const EXACT_MAX = 12;

/**
 * The fewest payments after which nobody owes anything.
 *
 * Within a group whose balances sum to nothing, one payment fewer than people is enough; so the
 * fewest come from the most such groups. For more than twelve people who are not even, the largest
 * debts go to the largest claims, which is at most one payment fewer than people.
 *
 * @param {ReadonlyMap<string, number>} balances
 * @returns {Transfer[]}
 */
export function settle(balances) {
  const open = [...balances].filter(([, minor]) => minor !== 0).sort(([one], [two]) => (one < two ? -1 : 1));
  const groups = open.length <= EXACT_MAX ? splitIntoGroups(open) : [open];
  return groups.flatMap(settleGroup);
}

/** @param {[string, number][]} open */
function splitIntoGroups(open) {
  const size = 1 << open.length;
  const sums = new Array(size).fill(0);
  const best = new Array(size).fill(0);
  const cameFrom = new Array(size).fill(0);
  for (let set = 1; set < size; set += 1) {
    const low = Math.log2(set & -set);
    sums[set] = sums[set & (set - 1)] + (open[low]?.[1] ?? 0);
    for (let index = 0; index < open.length; index += 1) {
      const bit = 1 << index;
      if (!(set & bit) || best[set ^ bit] < best[set]) continue;
      if (best[set ^ bit] > best[set] || cameFrom[set] === 0) {
        best[set] = best[set ^ bit];
        cameFrom[set] = bit;
      }
    }
    if (sums[set] === 0) best[set] += 1;
  }
  // Walk back: each time the sum is nothing, a group is whole.
  /** @type {[string, number][][]} */
  const groups = [];
  /** @type {[string, number][]} */
  let group = [];
  for (let set = size - 1; set > 0; set ^= cameFrom[set]) {
    const one = open[Math.log2(cameFrom[set])];
    if (sums[set] === 0 && group.length > 0) {
      groups.push(group);
      group = [];
    }
    if (one) group.push(one);
  }
  return group.length > 0 ? [...groups, group] : groups;
}

/** @param {[string, number][]} group @returns {Transfer[]} */
function settleGroup(group) {
  const byName = (/** @type {{who: string}} */ one, /** @type {{who: string}} */ two) => (one.who < two.who ? -1 : 1);
  const owing = group.filter(([, minor]) => minor < 0).map(([who, minor]) => ({ who, left: -minor }));
  const owed = group.filter(([, minor]) => minor > 0).map(([who, minor]) => ({ who, left: minor }));
  /** @type {Transfer[]} */
  const transfers = [];
  for (;;) {
    const from = owing.sort((one, two) => two.left - one.left || byName(one, two))[0];
    const to = owed.sort((one, two) => two.left - one.left || byName(one, two))[0];
    if (!from || !to || from.left === 0 || to.left === 0) return transfers;
    const minor = Math.min(from.left, to.left);
    transfers.push({ from: from.who, to: to.who, minor });
    from.left -= minor;
    to.left -= minor;
  }
}

/** "20.5" as minor units; nothing where it is no amount. @param {string} typed @param {number} exponent */
export function parseAmount(typed, exponent) {
  const found = /^(\d{1,12})(?:[.,](\d*))?$/.exec(typed.trim());
  const decimals = found?.[2] ?? "";
  if (!found || decimals.length > exponent) return undefined;
  const minor = Number((found[1] ?? "") + decimals.padEnd(exponent, "0"));
  return minor > 0 ? minor : undefined;
}

/**
 * The book as a table for spreadsheets. Cells that a spreadsheet would take for a formula are
 * quoted: whoever writes in the group could write one.
 *
 * @param {readonly (readonly (string | number)[])[]} rows
 */
export function toCsv(rows) {
  const cell = (/** @type {string | number} */ value) => {
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
