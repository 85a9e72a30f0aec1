/** Reads from a shop's code which charge it is of. The server has read the rest. */

interface Element {
  id: string;
  value: string;
}

/** Elements of a code: two digits that say what it is, two for the length, then the value. */
export function readElements(text: string): Element[] {
  const elements: Element[] = [];
  let place = 0;
  while (place + 4 <= text.length) {
    const [id, length] = [text.slice(place, place + 2), Number(text.slice(place + 2, place + 4))];
    if (!Number.isInteger(length) || place + 4 + length > text.length) break;
    elements.push({ id, value: text.slice(place + 4, place + 4 + length) });
    place += 4 + length;
  }
  return elements;
}

// Merchant account information of networks other than cards (EMV QRCPS, section 4.3), and in ours
// the shop and the charge.
const [FIRST, LAST] = [26, 51];
const [SHOP, CHARGE] = ["01", "02"];

export function readChargeCode(text: string, shopId: string): string | undefined {
  for (const { id, value } of readElements(text.trim())) {
    if (Number(id) < FIRST || Number(id) > LAST) continue;
    const fields = new Map(readElements(value).map((field) => [field.id, field.value]));
    if (fields.get(SHOP) === shopId) return fields.get(CHARGE);
  }
  return undefined;
}
