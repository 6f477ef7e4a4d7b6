/** The account of one message of a scenario: who sent it, who should have handled it, who did, what the sender learned. */

import type { NodeId } from '../../core/id/node-id.ts';
import type { SimNode } from '../sim-node.ts';

export interface Account {
  readonly kind: 'closest' | 'direct';
  readonly sender: SimNode;
  readonly target: NodeId;
  /** Who should handle it, by the oracle when it was sent. */
  readonly receiver: SimNode;
  readonly sentAt: number;
  /** The message's id in hexadecimal; empty until it was signed. */
  message: string;
  deliveries: number;
  /** Deliveries at a node that should handle it, with the body intact. */
  rightDeliveries: number;
  /** Positions of the nodes that handled it. */
  handlers: readonly number[];
  hops: number;
  /** When the result came, ms; -1 before. */
  settledAt: number;
  isAccepted: boolean;
  /** Position of the node that the accepted receipt is from; `NOBODY`, or `STRANGER` for an id that no node has. */
  acceptedBy: number;
  /** The accepted receipt of a `closest` message is from a node that was not the nearest. */
  isWrongNearest: boolean;
  reason: string | undefined;
  /** An answer of the right node, good in every way, reached the sender. */
  wasAnswered: boolean;
  /** False when an endpoint was not ready from sending to deadline: nothing can be said about such a message. */
  counts: boolean;
}

export function openAccount(
  fields: Pick<Account, 'kind' | 'sender' | 'target' | 'receiver' | 'sentAt'>,
): Account {
  return {
    ...fields,
    message: '',
    deliveries: 0,
    rightDeliveries: 0,
    handlers: [],
    hops: 0,
    settledAt: -1,
    isAccepted: false,
    acceptedBy: NOBODY,
    isWrongNearest: false,
    reason: undefined,
    wasAnswered: false,
    counts: true,
  };
}

/** The sender accepted a receipt of a node that handled it, which was the right one, and it was handled once. */
export function isDelivered(account: Account): boolean {
  return (
    account.isAccepted &&
    account.deliveries === 1 &&
    account.rightDeliveries === 1 &&
    account.handlers[0] === account.acceptedBy
  );
}

/** A body that names its message and can be checked byte by byte. */
export function writeBody(number: number, mark: number): Uint8Array {
  const body = new Uint8Array(BODY_BYTES);
  new DataView(body.buffer).setUint32(0, number);
  for (let i = 4; i < BODY_BYTES; i++) body[i] = number * 31 + i * mark;
  return body;
}

/** The message that a body names, or -1 when any byte of it is not as it was written. */
export function readBody(body: Uint8Array, mark: number): number {
  if (body.length !== BODY_BYTES) return -1;
  const number = new DataView(body.buffer, body.byteOffset).getUint32(0);
  for (let i = 4; i < BODY_BYTES; i++) if (body[i] !== ((number * 31 + i * mark) & 0xff)) return -1;
  return number;
}

/** Places in the simulation's list of nodes that are none. */
export const NOBODY = -1;
export const STRANGER = -2;
const BODY_BYTES = 64;
export const MESSAGE_MARK = 7;
export const REPLY_MARK = 13;
