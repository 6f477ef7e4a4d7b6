/**
 * The synchronous powers a node is given. Time is not among them: it is an argument of every input.
 * Asynchronous powers (sign, verify, seal, open) are outputs answered by inputs; see io.ts.
 */

import type { IdList } from './id/id-list.ts';
import type { NodeId } from './id/node-id.ts';
import type { Contact } from './wire/contact.ts';

/** A seeded source of randomness. The page seeds it from `crypto.getRandomValues`, the simulator from its seed. */
export interface Random {
  /** A whole number in [0, 2^32). */
  uint32(): number;
  /** A whole number in [0, limit); `limit` is 1 … 2^32. */
  below(limit: number): number;
  /** `count` random bytes in a new array. */
  bytes(count: number): Uint8Array;
}

export interface Ports {
  readonly random: Random;
  /** A 32-byte digest: SHA-256 in the page, a cheap stand-in in the simulator. */
  hash(bytes: Uint8Array): Uint8Array;
  /** The id that belongs to a 32-byte public signing key. In the page SHA-256("hopline/id/1" ‖ key). */
  idOfKey(publicKey: Uint8Array): NodeId;
  /**
   * The contact that exactly this record reads as, where nodes of one process share what they all know. Says nothing
   * about who vouched for it: a record is verified all the same. Left out in the page, which runs one node.
   */
  sharedContact?(record: Uint8Array): Contact | undefined;
  /** A list of the same ids, where nodes of one process share those too. */
  sharedList?(list: IdList): IdList;
}
