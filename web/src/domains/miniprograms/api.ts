/** Calls of mini-programs, one function each. */

import { call, doOnce, fetchApi } from "@/lib/api";
import type { LanguageTag } from "@/lib/language";
import type { Money } from "@/lib/money";
import { readTrouble } from "@/lib/trouble";
import { EMPTY_MENU, type Menu, type MenuEdit } from "./menu";

export type Permission = "profile" | "payments" | "orders" | "room";

export interface Words {
  en: string;
  zh: string;
}

export interface Program {
  program_id: string;
  version: string;
  name: Words;
  description: Words;
  author: string;
  opens: "anywhere" | "room";
  permissions: Permission[];
  room: { sends: string[]; reads: string[]; state: string[] };
  entry_path: string;
  icon_path: string;
}

export interface Grant {
  program_id: string;
  permission: Permission;
  is_allowed: boolean;
  room_id: string;
  decided_at: number;
}

export interface OrderLine {
  item: string;
  count: number;
  en: string;
  zh: string;
  unit: number;
}

export type OrderStep = "accepted" | "ready" | "collected" | "refused";

export interface Order {
  order_id: string;
  number: number;
  status: OrderStep | "unpaid" | "paid" | "cancelled" | "expired";
  lines: OrderLine[];
  total: Money;
  note: string;
  called: string;
  placed_at: number;
}

const ROOT = "/miniprograms";
const part = encodeURIComponent;
const programPath = (id: string) => `${ROOT}/programs/${part(id)}`;

export const fetchPrograms = () => fetchApi<Program[]>(ROOT);
export const fetchGrants = () => fetchApi<Grant[]>(`${ROOT}/grants`);
export const decide = (
  id: string,
  decision: { permission: Permission; is_allowed: boolean; room_id: string },
) => call<Grant>(`${programPath(id)}/grants`, { method: "PUT", body: decision });
export const takeBack = (id: string) =>
  call<object>(`${programPath(id)}/grants`, { method: "DELETE" });
export const whoAmI = (id: string) =>
  call<Record<string, unknown>>(`${programPath(id)}/who-am-i`, { method: "POST" });
export const signResult = (id: string, paymentId: string) =>
  call<Record<string, unknown>>(`${programPath(id)}/payment-results`, {
    body: { payment_id: paymentId },
  });

export const fetchMenuShops = () => fetchApi<unknown[]>(`${ROOT}/shops`);
export const fetchMenu = (shop: string) =>
  fetchApi<Record<string, unknown>>(`${ROOT}/shops/${part(shop)}/menu`);
export const placeOrder = (shop: string, order: object, key: string) =>
  doOnce<Record<string, unknown>>(`${ROOT}/shops/${part(shop)}/orders`, order, key);
export const fetchOrders = (id: string) =>
  fetchApi<unknown[]>(`${ROOT}/orders`, { program_id: id });
export const fetchOrder = (order: string) =>
  fetchApi<{ program_id: string }>(`${ROOT}/orders/${part(order)}`);
export const cancelOrder = (order: string) =>
  call<Record<string, unknown>>(`${ROOT}/orders/${part(order)}/cancel`, { method: "POST" });

export interface OwnMenu {
  menu: Menu;
  currency: string;
  /** When it was set; 0 where there is none yet. Whoever changes it says from which they began. */
  changed_at: number;
}

export interface MenuChange {
  changed_at: number;
  changed_by: string | null;
  edits: MenuEdit[];
}

const menuPath = (shop: string) => `${ROOT}/shops/${part(shop)}/menu`;

/** A shop's menu for its people; an empty one where it has none yet. */
export async function fetchOwnMenu(shop: string): Promise<OwnMenu> {
  const { currency } = await fetchApi<{ currency: string }>(`/wallet/shops/${part(shop)}`);
  try {
    const { menu, changed_at } = await fetchApi<OwnMenu>(menuPath(shop));
    return { menu, currency, changed_at };
  } catch (error) {
    if (readTrouble(error).code !== "menu-not-found") throw error;
    return { menu: EMPTY_MENU, currency, changed_at: 0 };
  }
}

export const fetchMenuChanges = (shop: string) =>
  fetchApi<MenuChange[]>(`${menuPath(shop)}/changes`);
export const saveMenu = (shop: string, menu: Menu, basedOn: number) =>
  call<object>(`${menuPath(shop)}?based_on=${basedOn}`, { method: "PUT", body: menu });

export const fetchShopOrders = (shop: string) =>
  fetchApi<Order[]>(`${ROOT}/shops/${part(shop)}/orders`);
export const moveOrder = (shop: string, order: string, status: OrderStep) =>
  call<Order>(`${ROOT}/shops/${part(shop)}/orders/${part(order)}/status`, {
    method: "PUT",
    body: { status },
  });

export const inWords = (words: Words, tag: LanguageTag) =>
  tag === "zh-Hans" ? words.zh : words.en;
