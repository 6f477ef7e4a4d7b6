/**
 * Ids that are no way on for a message: this node's own, since a way back here leads nowhere, and those that begin like
 * one of some prefixes. Asked for every peer at every hop, so 32 bits are looked at before the rest.
 */

import type { NodeId } from '../id/node-id.ts';
import { firstWord } from '../id/xor.ts';

const WORD_BYTES = 4;

export class Ignored {
  readonly #self: NodeId;
  readonly #prefixes: readonly Uint8Array[];
  /** How each prefix begins; `undefined` when one of them is shorter than that. */
  readonly #words: readonly number[] | undefined;

  constructor(self: NodeId, prefixes: readonly Uint8Array[]) {
    this.#self = self;
    this.#prefixes = prefixes;
    const isLong = prefixes.every(({ length }) => length >= WORD_BYTES);
    this.#words = isLong ? prefixes.map((prefix) => firstWord(prefix)) : undefined;
  }

  /** True for an id, as long as this node's, that lies at `at`. */
  has(bytes: Uint8Array, at = 0): boolean {
    if (beginsWith(bytes, at, this.#self)) return true;
    const prefixes = this.#prefixes;
    const words = this.#words;
    if (words === undefined) return prefixes.some((prefix) => beginsWith(bytes, at, prefix));
    const word = firstWord(bytes, at);
    for (let i = 0; i < words.length; i++)
      if (words[i] === word && beginsWith(bytes, at, prefixes[i]!)) return true;
    return false;
  }
}

function beginsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
