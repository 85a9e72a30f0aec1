/** A shop's menu as its people change it. Pure. */

import { decimalText, parseAmount } from "@/lib/money";

export interface MenuItem {
  id: string;
  section: string;
  en: string;
  zh: string;
  about_en: string;
  about_zh: string;
  price: number;
  options: string[];
  is_sold_out: boolean;
}

export interface Named {
  id: string;
  en: string;
  zh: string;
}

export interface Menu {
  is_open: boolean;
  sections: Named[];
  /** What is chosen of an item, such as its size; kept as it is. */
  options: Named[];
  items: MenuItem[];
}

export interface MenuEdit {
  kind:
    | "opened"
    | "closed"
    | "added"
    | "removed"
    | "renamed"
    | "repriced"
    | "sold_out"
    | "back"
    | "other";
  item?: string;
  en?: string;
  zh?: string;
  before?: number;
  after?: number;
}

export const EMPTY_MENU: Menu = { is_open: true, sections: [], options: [], items: [] };

/** An id for something new: from its English name where that has letters, and never one in use. */
export function makeId(name: string, taken: readonly string[]): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 30);
  const base = plain || "item";
  if (!taken.includes(base)) return base;
  let count = 2;
  while (taken.includes(`${base}-${count}`)) count += 1;
  return `${base}-${count}`;
}

/** The menu with an item changed, or with a new one behind the others of its section. */
export function putItem(menu: Menu, item: MenuItem): Menu {
  const isThere = menu.items.some(({ id }) => id === item.id);
  const items = isThere
    ? menu.items.map((one) => (one.id === item.id ? item : one))
    : [...menu.items, item];
  return { ...menu, items };
}

/** The menu without an item, and without its section where that was the last one in it. */
export function dropItem(menu: Menu, id: string): Menu {
  const items = menu.items.filter((one) => one.id !== id);
  const gone = menu.items.find((one) => one.id === id)?.section;
  const sections = menu.sections.filter(
    (one) => one.id !== gone || items.some(({ section }) => section === gone),
  );
  return { ...menu, items, sections };
}

/** In place of a section's id: one that is to be made. */
export const NEW_SECTION = "+";

/** An item as it is typed. */
export interface Draft {
  en: string;
  zh: string;
  about_en: string;
  about_zh: string;
  price: string;
  section: string;
  sectionEn: string;
  sectionZh: string;
  options: string[];
}

export function beginDraft(item: MenuItem | undefined, menu: Menu, currency: string): Draft {
  const sections = { sectionEn: "", sectionZh: "" };
  if (item) {
    const { en, zh, about_en, about_zh, section, options } = item;
    const price = decimalText({ minor: item.price, currency });
    return { en, zh, about_en, about_zh, price, section, options, ...sections };
  }
  const names = { en: "", zh: "", about_en: "", about_zh: "", price: "" };
  return { ...names, section: menu.sections[0]?.id ?? NEW_SECTION, options: [], ...sections };
}

/** The menu with what was typed; nothing where something is missing or no price. */
export function applyDraft(
  draft: Draft,
  item: MenuItem | undefined,
  menu: Menu,
  currency: string,
): Menu | undefined {
  const price = parseAmount(draft.price, currency);
  const withSection = placeSection(draft, menu);
  const [en, zh] = [draft.en.trim(), draft.zh.trim()];
  if (!price || !withSection || !en || !zh) return undefined;
  return putItem(withSection.menu, {
    id: item?.id ?? makeId(en, menu.items.map(({ id }) => id)),
    section: withSection.id,
    en,
    zh,
    about_en: draft.about_en.trim(),
    about_zh: draft.about_zh.trim(),
    price: price.minor,
    options: draft.options,
    is_sold_out: item?.is_sold_out ?? false,
  });
}

/** The section that was chosen, made where it is a new one. */
function placeSection(draft: Draft, menu: Menu): { menu: Menu; id: string } | undefined {
  if (draft.section !== NEW_SECTION) return { menu, id: draft.section };
  const [en, zh] = [draft.sectionEn.trim(), draft.sectionZh.trim()];
  if (!en || !zh) return undefined;
  const id = makeId(en, menu.sections.map((one) => one.id));
  return { menu: { ...menu, sections: [...menu.sections, { id, en, zh }] }, id };
}
