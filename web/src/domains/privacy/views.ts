/** Puts what the server tells into the order in which it is shown. Pure. */

import type { Held, HeldColumn, LogWords } from "./api";

/** All that is kept for one reason, as long and for the same eyes. */
export interface Use {
  purpose: string;
  basis: string;
  keep: string;
  seenBy: string[];
  /** How many rows name the member, or null where rows name nobody by themselves. */
  rows: number | null;
  /** Tables and columns, for who wants to know. */
  places: string[];
}

export interface Kind {
  category: string;
  uses: Use[];
}

interface Counting {
  use: Use;
  stores: Set<string>;
}

/** The data map by kinds of data, and within a kind by why it is kept; most of it first. */
export function groupHeld(held: Held[]): Kind[] {
  const kinds = new Map<string, Map<string, Counting>>();
  for (const { store, rows, data } of held) {
    for (const column of data) {
      const uses = kinds.get(column.category) ?? new Map<string, Counting>();
      kinds.set(column.category, uses);
      const { use, stores } = findUse(uses, column);
      use.places.push(column.name ? `${store}.${column.name}` : store);
      // A table's rows count once, however many of its columns say the same.
      if (!stores.has(store) && rows !== null) use.rows = (use.rows ?? 0) + rows;
      stores.add(store);
    }
  }
  return [...kinds].map(([category, found]) => {
    const uses = [...found.values()].map(({ use }) => use);
    uses.sort((a, b) => (b.rows ?? -1) - (a.rows ?? -1));
    return { category, uses };
  });
}

function findUse(uses: Map<string, Counting>, column: HeldColumn): Counting {
  const { purpose, basis, keep, seen_by: seenBy } = column;
  const key = [purpose, basis, keep, ...seenBy].join("\n");
  const found = uses.get(key) ?? {
    use: { purpose, basis, keep, seenBy, rows: null, places: [] },
    stores: new Set<string>(),
  };
  uses.set(key, found);
  return found;
}

export interface Seen {
  store: string;
  kinds: string[];
}

/** What somebody saw, by the places where it is kept, in words; a name without words stays. */
export function groupFields(fields: string[], words: LogWords): Seen[] {
  const found = new Map<string, Set<string>>();
  for (const field of fields) {
    const [table = ""] = field.split(".");
    const store = words.stores[table] ?? field;
    const kinds = found.get(store) ?? new Set<string>();
    found.set(store, kinds);
    // "Who you are: names of your account and your devices": the first half says enough.
    const [kind] = (words.kinds[field] ?? "").split(/[:：]/);
    if (kind) kinds.add(kind);
  }
  return [...found].map(([store, kinds]) => ({ store, kinds: [...kinds] }));
}

/** `table (keep)` and `files folder/`, as jobs name them, in words. */
export function tellStore(name: string, words: LogWords): string {
  const [, table = name] = /^(?:files )?([\w-]+)/.exec(name) ?? [];
  return words.stores[table] ?? name;
}
