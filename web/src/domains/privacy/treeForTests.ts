/** A tree built the plain way, to hold the quick one against. For tests alone. */

import { hashLeaf } from "./merkle";

const inner = async (left: Uint8Array, right: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.of(1, ...left, ...right)));

/** A tree built the plain way of RFC 9162, 2.1.1, with its proofs. */
export class Tree {
  constructor(readonly leaves: Uint8Array[]) {}

  static async of(size: number): Promise<Tree> {
    return new Tree(await Promise.all([...Array(size).keys()].map((n) => hashLeaf(Uint8Array.of(n)))));
  }

  root(leaves = this.leaves): Promise<Uint8Array> {
    const [first] = leaves;
    if (leaves.length === 1 && first) return Promise.resolve(first);
    const middle = split(leaves.length);
    return Promise.all([this.root(leaves.slice(0, middle)), this.root(leaves.slice(middle))]).then(
      ([left, right]) => inner(left, right),
    );
  }

  async include(index: number, leaves = this.leaves): Promise<Uint8Array[]> {
    if (leaves.length === 1) return [];
    const middle = split(leaves.length);
    const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)];
    return index < middle
      ? [...(await this.include(index, left)), await this.root(right)]
      : [...(await this.include(index - middle, right)), await this.root(left)];
  }

  async prove(old: number, leaves = this.leaves, isKnown = true): Promise<Uint8Array[]> {
    if (old === leaves.length) return isKnown ? [] : [await this.root(leaves)];
    const middle = split(leaves.length);
    const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)];
    return old <= middle
      ? [...(await this.prove(old, left, isKnown)), await this.root(right)]
      : [...(await this.prove(old - middle, right, false)), await this.root(left)];
  }
}

const split = (count: number) => 2 ** Math.floor(Math.log2(count - 1));
