import { describe, expect, it } from "vitest";
import { isConsistent, isIncluded, openCheckpoint, readVerifierKey, toHex, fromHex } from "./merkle";
import { Tree } from "./treeForTests";

const other = (hash: Uint8Array) => Uint8Array.from(hash, (byte, at) => (at ? byte : byte ^ 1));

describe("the tree", () => {
  it("includes each leaf of each size at its place and no other", async () => {
    for (const size of [1, 2, 3, 5, 8, 13]) {
      const tree = await Tree.of(size);
      const root = await tree.root();
      for (let index = 0; index < size; index++) {
        const leaf = tree.leaves[index] ?? root;
        const proof = await tree.include(index);
        const claim = { leaf, index, size, root, proof };
        expect(await isIncluded(claim)).toBe(true);
        expect(await isIncluded({ ...claim, leaf: other(leaf) })).toBe(false);
        expect(await isIncluded({ ...claim, root: other(root) })).toBe(false);
        expect(await isIncluded({ ...claim, index: size })).toBe(false);
        expect(await isIncluded({ ...claim, proof: [...proof, root] })).toBe(false);
      }
    }
  });

  it("continues each older tree, and no other", async () => {
    for (const size of [1, 2, 3, 6, 8, 13]) {
      const tree = await Tree.of(size);
      const newer = { size, root: await tree.root() };
      for (let old = 1; old <= size; old++) {
        const older = { size: old, root: await new Tree(tree.leaves.slice(0, old)).root() };
        const proof = await tree.prove(old);
        expect(await isConsistent(older, newer, proof)).toBe(true);
        expect(await isConsistent({ ...older, root: other(older.root) }, newer, proof)).toBe(false);
        expect(await isConsistent(older, { ...newer, root: other(newer.root) }, proof)).toBe(false);
        expect(await isConsistent({ ...older, size: size + 1 }, newer, proof)).toBe(false);
      }
    }
  });
});

describe("a checkpoint", () => {
  // Made by teahouse/privacy/checkpoints for a key of 32 zero bytes.
  const KEY = "tea.example/looks+1b3953f8+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
  const NOTE = "tea.example/looks\n42\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n\n— tea.example/looks GzlT+BBxaPMMs1sD846qshdx7dNuuekZfEUF8V3D+DvM6nQFqVpX/NBcgBTPXM0C1Lvvm8Uqn9NDx3xSGpwAFAYAvgk=\n";

  it("is read where the key has signed it", async () => {
    const found = await openCheckpoint(NOTE, await readVerifierKey(KEY));
    expect(found.size).toBe(42);
    expect(toHex(found.root)).toBe("07".repeat(32));
  });

  it("is refused with another size, log, key or signature", async () => {
    const key = await readVerifierKey(KEY);
    for (const note of [
      NOTE.replace("\n42\n", "\n43\n"),
      NOTE.replaceAll("tea.example", "tee.example"),
      NOTE.slice(0, NOTE.indexOf("\n\n") + 2),
      "",
    ]) {
      await expect(openCheckpoint(note, key)).rejects.toThrow();
    }
    await expect(readVerifierKey(KEY.replace("+", "x+"))).rejects.toThrow();
    expect(() => fromHex("xy")).toThrow();
  });
});
