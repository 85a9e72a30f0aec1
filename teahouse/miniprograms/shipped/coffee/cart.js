/**
 * What is in the cart. Pure. The prices here are for the eye: the shop's menu on the server says
 * what an order costs.
 *
 * @typedef {{ id: string, en: string, zh: string, extra: number }} Choice
 * @typedef {{ id: string, en: string, zh: string, choices: Choice[] }} Option
 * @typedef {{ id: string, section: string, en: string, zh: string, about_en: string,
 *   about_zh: string, price: number, options: string[], is_sold_out: boolean }} Item
 * @typedef {{ is_open: boolean, sections: {id: string, en: string, zh: string}[],
 *   options: Option[], items: Item[] }} Menu
 * @typedef {{ item: string, count: number, choices: Record<string, string> }} Line
 */

export const COUNT_MAX = 20;

/** Two lines are the same if the same was chosen. @param {Line} line */
const keyOf = ({ item, choices }) =>
  JSON.stringify([item, Object.entries(choices).sort(([one], [two]) => (one < two ? -1 : 1))]);

/** @param {readonly Line[]} cart @param {Line} line @returns {Line[]} */
export function addLine(cart, line) {
  const key = keyOf(line);
  if (!cart.some((other) => keyOf(other) === key)) return [...cart, line];
  return cart.map((other) =>
    keyOf(other) === key
      ? { ...other, count: Math.min(COUNT_MAX, other.count + line.count) }
      : other,
  );
}

/** Change how many; none removes the line. @param {readonly Line[]} cart @param {number} index @param {number} by */
export function changeCount(cart, index, by) {
  return cart.flatMap((line, at) => {
    if (at !== index) return [line];
    const count = Math.min(COUNT_MAX, line.count + by);
    return count > 0 ? [{ ...line, count }] : [];
  });
}

/** The first choice of each option. @param {Menu} menu @param {Item} item */
export function firstChoices(menu, item) {
  return Object.fromEntries(
    item.options.flatMap((id) => {
      const first = menu.options.find((option) => option.id === id)?.choices[0];
      return first ? [[id, first.id]] : [];
    }),
  );
}

/** @param {Menu} menu @param {Line} line @returns {number} minor units of one */
export function unitPrice(menu, line) {
  const item = menu.items.find(({ id }) => id === line.item);
  const extras = Object.entries(line.choices).map(([id, chosen]) => {
    const option = menu.options.find((one) => one.id === id);
    return option?.choices.find((choice) => choice.id === chosen)?.extra ?? 0;
  });
  return (item?.price ?? 0) + extras.reduce((sum, extra) => sum + extra, 0);
}

/** @param {Menu} menu @param {readonly Line[]} cart */
export function total(menu, cart) {
  return cart.reduce((sum, line) => sum + unitPrice(menu, line) * line.count, 0);
}

/** The lines of an earlier order that can still be ordered. @param {Menu} menu @param {readonly Line[]} lines */
export function orderAgain(menu, lines) {
  return lines.flatMap(({ item: id, count, choices }) => {
    const item = menu.items.find((one) => one.id === id);
    if (!item || item.is_sold_out) return [];
    const kept = Object.entries(choices).filter(([option, chosen]) =>
      menu.options
        .find((one) => one.id === option && item.options.includes(option))
        ?.choices.some((choice) => choice.id === chosen),
    );
    return [{ item: id, count, choices: { ...firstChoices(menu, item), ...Object.fromEntries(kept) } }];
  });
}
