/**
 * The body of a member's vote for a message from its group. Rule WR27.
 *
 * 0 key of the group (32)   32 group size   33 the content that it votes for
 */

import { asNodeId, ID_BYTES, type NodeId } from '../id/node-id.ts';
import { concat } from '../util/pieces.ts';

/** What a vote adds to its content. */
export const VOTE_BYTES = ID_BYTES + 1;
/** Members that one message may be for, or from. */
export const GROUP_SIZE_MAX = 32;

export interface Vote {
  readonly key: NodeId;
  readonly size: number;
  readonly payload: Uint8Array;
}

export function writeVote({ key, size, payload }: Vote): Uint8Array {
  return concat([key, Uint8Array.of(size), payload]);
}

/** Reads a vote as views on the bytes, or returns `undefined` when it is none. Never throws. */
export function readVote(bytes: Uint8Array): Vote | undefined {
  const size = bytes[ID_BYTES] ?? 0;
  if (size === 0 || size > GROUP_SIZE_MAX) return undefined;
  return { key: asNodeId(bytes.subarray(0, ID_BYTES)), size, payload: bytes.subarray(VOTE_BYTES) };
}
