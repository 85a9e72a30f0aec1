import { beforeAll, describe, expect, it } from "vitest";
import { isDue, judge, noteTold, readTold, Refused, TOLD, type House, type Told } from "./gossip";
import { Tree } from "./treeForTests";
import { toHex } from "./merkle";

const encoder = new TextEncoder();
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const SOURCE = { sender: "@lin:tea.example", room_id: "!r", event_id: "$e", sent_at: 5 };
const NOW = 7;

class Signer {
  constructor(
    readonly origin: string,
    readonly pair: CryptoKeyPair,
    readonly raw: Uint8Array,
    readonly hash: Uint8Array,
  ) {}

  static async make(origin = "tea.example/looks"): Promise<Signer> {
    const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]));
    const key = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const raw = Uint8Array.of(1, ...key);
    const named = Uint8Array.of(...encoder.encode(`${origin}\n`), ...raw);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", named)).slice(0, 4);
    return new Signer(origin, pair, raw, hash);
  }

  get key(): string {
    return `${this.origin}+${toHex(this.hash)}+${base64(this.raw)}`;
  }

  async tell(tree: Tree): Promise<Told> {
    const text = `${this.origin}\n${tree.leaves.length}\n${base64(await tree.root())}\n`;
    const made = await crypto.subtle.sign("Ed25519", this.pair.privateKey, encoder.encode(text));
    const signed = Uint8Array.of(...this.hash, ...new Uint8Array(made));
    return { key: this.key, note: `${text}\n— ${this.origin} ${base64(signed)}\n` };
  }
}

/** A house that shows one log, and proves what it can about it. */
function house(signer: Signer, tree: Tree): House {
  return {
    shown: () => signer.tell(tree),
    prove: async (older, newer) => {
      if (newer > tree.leaves.length) throw new Refused("HTTP 400");
      const proof = await new Tree(tree.leaves.slice(0, newer)).prove(older);
      return proof.map(toHex);
    },
  };
}

describe("what a message tells of the log", () => {
  let signer: Signer;
  let log: Tree;
  let forked: Tree;
  beforeAll(async () => {
    signer = await Signer.make();
    log = await Tree.of(9);
    // The same beginning; then an entry is left out for this member.
    forked = new Tree([...log.leaves.slice(0, 5), ...(await Tree.of(20)).leaves.slice(12, 16)]);
  });

  it("agrees wherever both were shown one log, at whatever length", async () => {
    for (const size of [0, 1, 4, 5, 8, 9]) {
      if (size === 0) continue;
      const told = await signer.tell(new Tree(log.leaves.slice(0, size)));
      expect(await judge(told, SOURCE, house(signer, log), NOW)).toBeNull();
      const shorter = house(signer, log);
      shorter.shown = () => signer.tell(new Tree(log.leaves.slice(0, size)));
      expect(await judge(await signer.tell(log), SOURCE, shorter, NOW)).toBeNull();
    }
  });

  it("finds out a house that shows two members two histories, from either side", async () => {
    const found = await judge(await signer.tell(log), SOURCE, house(signer, forked), NOW);
    expect(found).toMatchObject({ kind: "split", told: SOURCE, found_at: NOW });
    const back = await judge(await signer.tell(forked), SOURCE, house(signer, log), NOW);
    expect(back).toMatchObject({ kind: "split" });
    for (const size of [6, 7, 8]) {
      const told = await signer.tell(new Tree(forked.leaves.slice(0, size)));
      expect(await judge(told, SOURCE, house(signer, log), NOW)).toMatchObject({ kind: "split" });
    }
    // Up to where they part they are one log.
    const before = await signer.tell(new Tree(forked.leaves.slice(0, 5)));
    expect(await judge(before, SOURCE, house(signer, log), NOW)).toBeNull();
  });

  it("does not let a house pass that hides the end of the log, or will not prove", async () => {
    const short = house(signer, new Tree(log.leaves.slice(0, 4)));
    const found = await judge(await signer.tell(log), SOURCE, short, NOW);
    expect(found).toMatchObject({ kind: "unproven", proof: "HTTP 400" });
  });

  it("tells of another key, and waits where the house can't be reached", async () => {
    const other = await Signer.make();
    const found = await judge(await other.tell(log), SOURCE, house(signer, log), NOW);
    expect(found).toMatchObject({ kind: "otherKey" });
    const away: House = { ...house(signer, log), shown: () => Promise.reject(new Error("offline")) };
    await expect(judge(await signer.tell(log), SOURCE, away, NOW)).rejects.toThrow("offline");
  });

  it("takes nobody's word but the house's", async () => {
    const told = await signer.tell(forked);
    const bent = { ...told, note: told.note.replace("\n9\n", "\n8\n") };
    const elsewhere = await (await Signer.make("other.example/looks")).tell(forked);
    for (const junk of [bent, elsewhere, { key: "x", note: "y" }, { key: told.key, note: "" }]) {
      expect(await judge(junk, SOURCE, house(signer, log), NOW)).toBeNull();
    }
  });

  it("is read only in its own form", () => {
    expect(readTold({ [TOLD]: { key: "k", note: "n", more: 1 } })).toEqual({ key: "k", note: "n" });
    for (const junk of [undefined, null, "x", 1, [], { key: 1, note: "n" }, { key: "k" }]) {
      expect(readTold({ [TOLD]: junk })).toBeNull();
    }
    expect(readTold({ [TOLD]: { key: "k", note: "n".repeat(3000) } })).toBeNull();
  });

  it("goes into one message in each chat and day", () => {
    const told = noteTold(noteTold({}, "!a", "2026-11-23"), "!b", "2026-11-24");
    expect(told).toEqual({ "!b": "2026-11-24" });
    expect(isDue(told, "!b", "2026-11-24")).toBe(false);
    expect(isDue(told, "!a", "2026-11-24")).toBe(true);
    expect(isDue(told, "!b", "2026-11-25")).toBe(true);
  });
});
