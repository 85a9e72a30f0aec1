import { expect, test } from "vitest";
import { applyDraft, beginDraft, dropItem, EMPTY_MENU, makeId, putItem, type MenuItem } from "./menu";

const LATTE: MenuItem = {
  id: "latte",
  section: "coffee",
  en: "Latte",
  zh: "拿铁",
  about_en: "",
  about_zh: "",
  price: 2800,
  options: [],
  is_sold_out: false,
};

test("an id comes from the English name, and no two are the same", () => {
  expect(makeId("Flat White!", [])).toBe("flat-white");
  expect(makeId("Latte", ["latte"])).toBe("latte-2");
  expect(makeId("Latte", ["latte", "latte-2"])).toBe("latte-3");
  expect(makeId("拿铁", [])).toBe("item");
  expect(makeId("x".repeat(60), [])).toHaveLength(30);
});

test("an item is changed where it stands, and a new one comes last", () => {
  const tea = { ...LATTE, id: "tea" };
  const menu = putItem(putItem(EMPTY_MENU, LATTE), tea);
  const changed = putItem(menu, { ...LATTE, price: 3000 });
  expect(changed.items.map(({ id, price }) => [id, price])).toEqual([
    ["latte", 3000],
    ["tea", 2800],
  ]);
});

test("the last item of a section takes the section along", () => {
  const menu = {
    ...EMPTY_MENU,
    sections: [
      { id: "coffee", en: "Coffee", zh: "咖啡" },
      { id: "tea", en: "Tea", zh: "茶" },
    ],
    items: [LATTE, { ...LATTE, id: "mocha" }],
  };
  const one = dropItem(menu, "mocha");
  expect(one.sections.map(({ id }) => id)).toEqual(["coffee", "tea"]);
  expect(dropItem(one, "latte").sections.map(({ id }) => id)).toEqual(["tea"]);
});

test("what is typed becomes an item, with its section where that is new", () => {
  const empty = beginDraft(undefined, EMPTY_MENU, "CNY");
  expect(applyDraft(empty, undefined, EMPTY_MENU, "CNY")).toBeUndefined();
  const draft = {
    ...empty,
    en: " Latte ",
    zh: "拿铁",
    price: "28",
    sectionEn: "Coffee",
    sectionZh: "咖啡",
  };
  const menu = applyDraft(draft, undefined, EMPTY_MENU, "CNY");
  expect(menu).toEqual({
    ...EMPTY_MENU,
    sections: [{ id: "coffee", en: "Coffee", zh: "咖啡" }],
    items: [LATTE],
  });
  for (const bad of [{ price: "28.005" }, { zh: " " }, { sectionZh: "" }]) {
    expect(applyDraft({ ...draft, ...bad }, undefined, EMPTY_MENU, "CNY")).toBeUndefined();
  }
});

test("a change keeps what it does not touch", () => {
  const menu = { ...EMPTY_MENU, sections: [{ id: "coffee", en: "Coffee", zh: "咖啡" }], items: [{ ...LATTE, is_sold_out: true }] };
  const [item] = menu.items;
  const draft = { ...beginDraft(item, menu, "CNY"), price: "30.50" };
  const changed = applyDraft(draft, item, menu, "CNY");
  expect(changed?.items).toEqual([{ ...LATTE, price: 3050, is_sold_out: true }]);
  expect(changed?.sections).toEqual(menu.sections);
});
