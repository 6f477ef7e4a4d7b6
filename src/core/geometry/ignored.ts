/**
 * Ids that are no way on for a message: this node's own, since a way back here leads nowhere, and those that begin like
 * one of some prefixes. Asked for every peer at every hop, so 32 bits are looked at before the rest.
 */

import type { NodeId } from '../id/node-id.ts';
import { firstWord } from '../id/xor.ts';

export interface Ignored {
  readonly self: NodeId;
  readonly prefixes: readonly Uint8Array[];
  /** How each prefix begins; `undefined` when one of them is shorter than that. */
  readonly words: readonly number[] | undefined;
}

const WORD_BYTES = 4;
const NO_WORDS: readonly number[] = [];

export function ignoredIds(self: NodeId, prefixes: readonly Uint8Array[]): Ignored {
  return { self, prefixes, words: prefixes.length === 0 ? NO_WORDS : firstWords(prefixes) };
}

/** True for an id, as long as this node's, that lies at `at`. */
export function isIgnored({ self, prefixes, words }: Ignored, bytes: Uint8Array, at: number): boolean {
  if (beginsWith(bytes, at, self)) return true;
  if (prefixes.length === 0) return false;
  if (words === undefined) return prefixes.some((prefix) => beginsWith(bytes, at, prefix));
  const word = firstWord(bytes, at);
  for (let i = 0; i < words.length; i++)
    if (words[i] === word && beginsWith(bytes, at, prefixes[i]!)) return true;
  return false;
}

function firstWords(prefixes: readonly Uint8Array[]): readonly number[] | undefined {
  const words: number[] = [];
  for (const prefix of prefixes) {
    if (prefix.length < WORD_BYTES) return undefined;
    words.push(firstWord(prefix));
  }
  return words;
}

function beginsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
