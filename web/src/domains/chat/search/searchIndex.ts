/** The messages that can be searched on this device. In memory, and sealed in the browser's store. */

import { deleteStore, SearchStore, type Places } from "./store";
import { findMessages, fold, type Entry, type Found, type Indexed } from "./text";

const WRITE_AFTER_MS = 1_500;
// Some 100 MB of memory at most; the oldest of what comes later is not taken in.
export const MESSAGES_MAX = 100_000;

export interface Standing {
  count: number;
  isOpening: boolean;
  /** Whether older messages are being read. */
  isReading: boolean;
  /** Whether it lasts longer than this visit. */
  isKept: boolean;
}

export class SearchIndex {
  private readonly entries = new Map<string, Indexed>();
  private readonly changed = new Map<string, Entry>();
  private readonly gone = new Set<string>();
  private readonly watchers = new Set<() => void>();
  private store: SearchStore | undefined;
  private placesKept: Places = {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private standingNow: Standing = { count: 0, isOpening: true, isReading: false, isKept: true };

  /** Open what was kept for this device, once. */
  async open(owner: string): Promise<void> {
    try {
      this.store = await SearchStore.open(owner);
      this.placesKept = await this.store.places();
      await this.store.load((entries) => {
        for (const entry of entries) this.take(entry);
        this.tell({});
      });
      this.forgetExpired();
    } catch {
      this.tell({ isKept: false });
    }
    this.tell({ isOpening: false });
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  get isFull(): boolean {
    return this.entries.size >= MESSAGES_MAX;
  }

  /** Take in a message; an edit's text takes the place of what was said first. */
  add(entry: Entry): void {
    if ((entry.expiresAt ?? Infinity) <= Date.now()) return;
    const known = this.entries.get(entry.id);
    if (known && known.sender !== entry.sender) return;
    const taken =
      known?.isEdited && !entry.isEdited
      ? { ...entry, text: known.text, isEdited: true }
      : { ...entry, at: known ? Math.min(known.at, entry.at) : entry.at };
    if (known?.text === taken.text && known.at === taken.at) return;
    if (!known && this.isFull) return;
    this.take(taken);
    this.gone.delete(entry.id);
    this.changed.set(entry.id, taken);
    this.plan();
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) {
      if (!this.entries.delete(id)) continue;
      this.changed.delete(id);
      this.gone.add(id);
    }
    this.plan();
  }

  /** Forget a chat that was left. */
  forgetRoom(roomId: string): void {
    this.forget([...this.entries.values()].filter((each) => each.roomId === roomId).map(({ id }) => id));
    this.placesKept = Object.fromEntries(
      Object.entries(this.placesKept).filter(([kept]) => kept !== roomId),
    );
  }

  find(wanted: string, roomId: string | undefined, limit: number): Found {
    return findMessages(this.entries.values(), wanted, { roomId, limit, now: Date.now() });
  }

  get places(): Readonly<Places> {
    return this.placesKept;
  }

  /** Note how far back a chat was read; kept together with what was read. */
  keepPlace(roomId: string, place: Places[string]): void {
    this.placesKept = { ...this.placesKept, [roomId]: place };
    this.plan();
  }

  tellReading(isReading: boolean): void {
    if (this.standingNow.isReading !== isReading) this.tell({ isReading });
  }

  standing = (): Standing => this.standingNow;

  watch = (tell: () => void): (() => void) => {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  };

  /** Write what is new. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const [kept, gone] = [[...this.changed.values()], [...this.gone]];
    this.changed.clear();
    this.gone.clear();
    this.tell({});
    try {
      await this.store?.change(kept, gone, this.placesKept);
    } catch {
      // A full disk: what was read is found for this visit.
      this.tell({ isKept: false });
    }
  }

  /** Forget everything, here and in the browser's store. */
  async destroy(): Promise<void> {
    clearTimeout(this.timer);
    this.store?.close();
    this.store = undefined;
    this.entries.clear();
    this.changed.clear();
    this.gone.clear();
    this.placesKept = {};
    await deleteStore();
  }

  private forgetExpired(): void {
    const now = Date.now();
    const expired = [...this.entries.values()].filter((each) => (each.expiresAt ?? Infinity) <= now);
    this.forget(expired.map(({ id }) => id));
  }

  private take(entry: Entry): void {
    this.entries.set(entry.id, { ...entry, folded: fold(entry.text) });
  }

  private plan(): void {
    this.timer ??= setTimeout(() => void this.flush(), WRITE_AFTER_MS);
  }

  private tell(change: Partial<Standing>): void {
    this.standingNow = { ...this.standingNow, ...change, count: this.entries.size };
    for (const watcher of this.watchers) watcher();
  }
}

/** The index of who is signed in. */
export const searchIndex = new SearchIndex();
