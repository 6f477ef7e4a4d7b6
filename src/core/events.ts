/**
 * What a node tells the application: results of commands, deliveries, hops passed, peers that come and go.
 * Ids are bytes here; the session turns them into hexadecimal text.
 */

import type { NodeId } from './id/node-id.ts';
import type { CommandId, LinkEndReason, LinkId } from './io.ts';
import type { RingResult } from './ring/ring-io.ts';
import type { StoreRecord } from './store/record.ts';
import type { StoreResult } from './store/store-io.ts';

/** Stable codes for trouble. Users see them as sentences from one table in the session. */
export type Reason =
  | 'timeout' // no receipt or reply within the time allowed
  | 'unreachable' // every way towards the target was tried
  | 'not-linked' // a neighbour message to a node without a link
  | 'no-reply' // it arrived, but no handler answered
  | 'too-large' // payload above the limit
  | 'overloaded' // a queue or table was full
  | 'hop-limit' // it went as many hops as allowed
  | 'rejected' // refused as malformed or with a bad signature
  | 'not-member' // a message from a group that this node is not in
  | 'left'; // this node left meanwhile

/** How sure a receipt of `closest` is that no nearer node exists. */
export type Certainty = 'complete' | 'likely' | 'unknown';

/** What became of a message. */
export interface NodeReceipt {
  readonly ok: boolean;
  readonly reason?: Reason;
  /** Who answered: one node, the members of a group that have it, or the peers a broadcast was sent to. */
  readonly by: readonly NodeId[];
  /** True when a node on the way answered instead of the nearest one. */
  readonly onTheWay: boolean;
  /** Hops of the path that delivered; 0 when this node itself was the receiver. */
  readonly hops: number;
  /** Copies of the message sent over links, as far as the sender learned. */
  readonly transmissions: number;
  /** From sending to the accepted receipt or reply, ms. */
  readonly rttMs: number;
  /** The nodes passed, sender first, receiver last. */
  readonly path: readonly NodeId[];
  readonly certainty: Certainty;
  /** Nodes that a broadcast to the network reached, by the word of those that passed it on. */
  readonly reached?: number;
  /** Next hops of the sender that came to nothing, in order. */
  readonly tried: readonly TriedHop[];
  /** First 7 bytes of the ids of nodes nearer to the key that said nothing when the message was tried there. */
  readonly ruledOut: readonly Uint8Array[];
  /** The message's id in hexadecimal; absent when nothing was sent. */
  readonly message?: string;
}

/** A next hop that a message was given to in vain. */
export interface TriedHop {
  readonly peer: NodeId;
  readonly reason: RetryReason;
}

/** What a message is for: the application's own, the node's upkeep, a group or broadcast message in another's wrapping, a vote, records, ranges of a ring. */
export type Service = 'app' | 'lookup' | 'signal' | 'ping' | 'group' | 'spread' | 'vote' | 'store' | 'ring';

/** The kinds of message as the log shows them. */
export type MessageKind = 'closest' | 'direct' | 'group' | 'neighbour' | 'broadcast' | 'reply';

/** Why a message was given to another next hop, or what became of it at the last one. */
export type RetryReason =
  | 'link-down' // the link is gone
  | 'suspect' // the peer missed its heartbeats
  | 'no-route' // the peer found no way from there
  | 'silent' // nothing showed that the message went on from there, or that it was answered
  | 'absent' // the nodes around the target do not know it
  | 'rejected' // it was altered from there on
  | 'refused' // the answer named a node that is not the nearest
  | 'forged' // the answer was not signed by the node it names
  | 'unanswered'; // it went on from there, and no answer came in time

export type NodeEvent =
  /** A command is finished. `reply` is the encoded answer of a request; `found` the contacts of a lookup, nearest first. */
  | {
      readonly type: 'result';
      readonly command: CommandId;
      readonly receipt: NodeReceipt;
      readonly reply?: Uint8Array;
      readonly found?: readonly NodeId[];
    }
  /** A message of this node was signed and set out. `message` is its id in hexadecimal. */
  | {
      readonly type: 'sent';
      readonly command?: CommandId;
      readonly message: string;
      readonly kind: MessageKind;
      readonly service: Service;
      readonly target: NodeId;
      readonly nextHop: NodeId | undefined;
      readonly bytes: number;
    }
  /** A message reached this node as its receiver. Answer a request with the `reply` command. */
  | {
      readonly type: 'delivered';
      readonly message: string;
      readonly kind: MessageKind;
      readonly service: Service;
      readonly origin: NodeId;
      readonly lastHop: NodeId | undefined;
      readonly target: NodeId;
      /** True when the target is this node's own id. */
      readonly exact: boolean;
      readonly hops: number;
      readonly body: Uint8Array;
      readonly wantsReply: boolean;
      /** The group that it is from; `members` are those whose votes were counted, nearest to the key first. */
      readonly fromGroup?: {
        readonly key: NodeId;
        readonly size: number;
        readonly members: readonly NodeId[];
      };
    }
  /** A message passed this node. With `held` it waits for a `release` command (at most `holdMs`). */
  | {
      readonly type: 'routing';
      readonly message: string;
      readonly kind: MessageKind;
      readonly service: Service;
      readonly origin: NodeId;
      readonly target: NodeId;
      readonly lastHop: NodeId;
      readonly nextHop: NodeId | undefined;
      readonly hops: number;
      readonly bytes: number;
      /** Present for a held `closest` request: its encoded payload. */
      readonly held?: Uint8Array;
    }
  /** A message of this node came back with a receipt, a reply or a failure (also upkeep messages, which have no command). */
  | {
      readonly type: 'settled';
      readonly message: string;
      readonly kind: MessageKind;
      readonly service: Service;
      readonly target: NodeId;
      readonly receipt: NodeReceipt;
    }
  /** A next hop came to nothing for a message; `nextHop` is the candidate that got it instead, if there was one. */
  | {
      readonly type: 'retry';
      readonly message: string;
      readonly service: Service;
      readonly failedHop: NodeId;
      readonly nextHop: NodeId | undefined;
      readonly reason: RetryReason;
    }
  /** The set of linked peers changed. */
  | { readonly type: 'nodes'; readonly added: readonly NodeId[]; readonly removed: readonly NodeId[] }
  | {
      readonly type: 'link';
      readonly link: LinkId;
      readonly peer: NodeId;
      readonly state: LinkState;
      readonly reason?: LinkEndReason;
    }
  /** The node's standing changed. */
  | { readonly type: 'state'; readonly state: NodeState; readonly complete: boolean }
  /** A command to the store is finished. */
  | { readonly type: 'store-result'; readonly command: CommandId; readonly result: StoreResult }
  /** A command to the ring is finished; in a node that runs none, or has left, that is a `store-result`. */
  | {
      readonly type: 'ring-result';
      readonly command: CommandId;
      readonly result: RingResult;
    }
  /** A record under a watched key is new or changed; `lifeMs` is left of its life, `ageMs` ago it was published. */
  | {
      readonly type: 'store-change';
      readonly record: StoreRecord;
      readonly lifeMs: number;
      readonly ageMs: number;
    }
  /** Frames that could not be read, or broke a limit. */
  | { readonly type: 'malformed'; readonly peer: NodeId; readonly problem: string };

export type LinkState = 'dialling' | 'answering' | 'up' | 'suspect' | 'down';

/**
 * idle: not started. joining: looking for a first link, or looking up the own id. alone: the server knows nobody
 * else. ready: a proven link and the self-lookup done. cut-off: was ready, lost all links. left: gone for good.
 */
export type NodeState = 'idle' | 'joining' | 'alone' | 'ready' | 'cut-off' | 'left';
