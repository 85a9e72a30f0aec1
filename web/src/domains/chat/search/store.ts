/**
 * Keeps messages that were decrypted on this device, sealed.
 *
 * Each is sealed by AES-GCM under a key that the browser keeps and does not hand out: copied files
 * of the browser's profile alone show no text to a search. Signing out deletes all of it.
 */

import type { Entry } from "./text";

const NAME = "teahouse-search";
const MESSAGES = "messages";
const META = "meta";
const NONCE_BYTES = 12;
// So many are opened at once when the app starts.
const BATCH = 500;

interface Sealed {
  id: string;
  box: ArrayBuffer;
}

/** How far back a chat was read: the server's token; null once its beginning was reached. */
export type Places = Record<string, { from: string | null; count: number }>;

export class SearchStore {
  private constructor(
    private readonly db: IDBDatabase,
    private readonly key: CryptoKey,
  ) {}

  /** Open what is kept for a device; what another device's member left is deleted. */
  static async open(owner: string): Promise<SearchStore> {
    const db = await openDatabase();
    const meta = db.transaction(META).objectStore(META);
    const [keptOwner, keptKey] = await Promise.all([
      asPromise<unknown>(meta.get("owner")),
      asPromise<CryptoKey | undefined>(meta.get("key")),
    ]);
    if (keptOwner === owner && keptKey) return new SearchStore(db, keptKey);
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
    const change = db.transaction([META, MESSAGES], "readwrite");
    change.objectStore(MESSAGES).clear();
    change.objectStore(META).clear();
    change.objectStore(META).put(owner, "owner");
    change.objectStore(META).put(key, "key");
    await untilDone(change);
    return new SearchStore(db, key);
  }

  /** Every message that is kept, a batch at a time. What can't be opened is left out. */
  async load(onBatch: (entries: Entry[]) => void): Promise<void> {
    const all = await asPromise<Sealed[]>(this.db.transaction(MESSAGES).objectStore(MESSAGES).getAll());
    for (let from = 0; from < all.length; from += BATCH) {
      const opened = await Promise.all(all.slice(from, from + BATCH).map((each) => this.unseal(each)));
      onBatch(opened.filter((entry) => entry !== undefined));
    }
  }

  /** Keep some messages and forget others, in one go. */
  async change(kept: readonly Entry[], gone: readonly string[], places?: Places): Promise<void> {
    const sealed = await Promise.all(kept.map((entry) => this.seal(entry)));
    const change = this.db.transaction([MESSAGES, META], "readwrite");
    const messages = change.objectStore(MESSAGES);
    for (const each of sealed) messages.put(each);
    for (const id of gone) messages.delete(id);
    if (places) change.objectStore(META).put(places, "places");
    await untilDone(change);
  }

  async places(): Promise<Places> {
    const meta = this.db.transaction(META).objectStore(META);
    return (await asPromise<Places | undefined>(meta.get("places"))) ?? {};
  }

  close(): void {
    this.db.close();
  }

  private async seal(entry: Entry): Promise<Sealed> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const clear = new TextEncoder().encode(JSON.stringify(entry));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, this.key, clear);
    const box = new Uint8Array(NONCE_BYTES + sealed.byteLength);
    box.set(nonce);
    box.set(new Uint8Array(sealed), NONCE_BYTES);
    return { id: entry.id, box: box.buffer };
  }

  private async unseal({ box }: Sealed): Promise<Entry | undefined> {
    try {
      const iv = new Uint8Array(box, 0, NONCE_BYTES);
      const sealed = new Uint8Array(box, NONCE_BYTES);
      const clear = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.key, sealed);
      return JSON.parse(new TextDecoder().decode(clear)) as Entry;
    } catch {
      return undefined;
    }
  }
}

/** Delete everything that is kept. */
export function deleteStore(): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    // Another tab that holds it open closes it when it hears of this (see `openDatabase`).
    request.onsuccess = request.onerror = () => resolve();
  });
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(MESSAGES, { keyPath: "id" });
      request.result.createObjectStore(META);
    };
    request.onerror = () => reject(request.error ?? new Error("no database"));
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
}

function asPromise<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error ?? new Error("the database refused"));
  });
}

function untilDone(change: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    change.oncomplete = () => resolve();
    change.onabort = change.onerror = () => reject(change.error ?? new Error("the database refused"));
  });
}
