/**
 * Everything that goes into a node and everything that comes out of it. Time is the second argument of
 * `handleInput`, never a field. Rules C1-C8 of SPEC.md state the contract.
 */

import type { NodeId } from './id/node-id.ts';
import type { NodeEvent } from './events.ts';
import type { RingCommand } from './ring/ring-io.ts';
import type { Held } from './store/record-table.ts';
import type { KeptRecord, StoreCommand } from './store/store-io.ts';

/** One attempt to link to one node, and the life of the link if it succeeds. Given out by the core, never reused. */
export type LinkId = number;
/** Names a command so that its result can be told apart. Chosen by the caller; unique among unfinished commands. */
export type CommandId = number;
/** Names a crypto job. Given out by the core. */
export type JobId = number;

/** Why a link or an attempt ended, in either direction. */
export type LinkEndReason =
  | 'closed' // the other side closed the channel, or it broke
  | 'failed' // the attempt never became a link (ICE failed, proof failed, no answer)
  | 'timeout' // nothing heard for too long
  | 'left' // the peer said goodbye
  | 'unneeded' // both sides agreed that nobody needs the link
  | 'busy' // no room for another link
  | 'crossed' // both dialled at once and the other attempt won
  | 'replaced' // a newer proven link of the same id took over
  | 'too-hard' // it asks for more work than this node accepts
  | 'abuse' // malformed frames, or more than the credit allowed
  | 'leaving'; // this node leaves

export type Input =
  /** A deadline passed, or the tab woke up. Allowed at any time, early or very late. */
  | { readonly type: 'wake' }
  /** Bytes arrived on a proven link. The node may keep them: the caller must not write to them again. */
  | { readonly type: 'frame'; readonly link: LinkId; readonly bytes: Uint8Array }
  /** An attempt became a link: channel open, both ids proven. `record` is the peer's verified contact record. */
  | { readonly type: 'link-up'; readonly link: LinkId; readonly record: Uint8Array }
  /** A link is gone or an attempt failed. Not sent for a link that the core itself hung up. */
  | { readonly type: 'link-down'; readonly link: LinkId; readonly reason: LinkEndReason }
  /** The send buffer of a link rose above the high-water mark (true) or sank below the low one (false). */
  | { readonly type: 'link-pressure'; readonly link: LinkId; readonly congested: boolean }
  /** The transport has a signal (offer, answer, candidates; opaque here) for the other end of this attempt. */
  | { readonly type: 'signal-out'; readonly link: LinkId; readonly data: Uint8Array }
  /** The signaling server came or went. */
  | { readonly type: 'server-state'; readonly connected: boolean }
  /** The server named a few nodes of the network. An empty list means that nobody else is there. */
  | { readonly type: 'server-introductions'; readonly ids: readonly NodeId[] }
  /** The server relayed a signal envelope. */
  | { readonly type: 'server-signal'; readonly from: NodeId; readonly data: Uint8Array }
  /** The server could not relay to that node: it is not there. */
  | { readonly type: 'server-undeliverable'; readonly to: NodeId }
  /** Contact records learned elsewhere: remembered from an earlier session, or given by a simulation. */
  | { readonly type: 'contacts'; readonly records: readonly Uint8Array[] }
  /** Records kept from an earlier session, as `persist` gave them out. */
  | { readonly type: 'restore'; readonly kept: readonly KeptRecord[] }
  /** The answer to a `crypto` output. */
  | { readonly type: 'crypto-done'; readonly job: JobId; readonly result: CryptoResult }
  | { readonly type: 'command'; readonly command: Command };

export type Output =
  /** Send these bytes on a proven link, in order. They must not be written to: several links may share them. */
  | { readonly type: 'transmit'; readonly link: LinkId; readonly bytes: Uint8Array }
  /** Begin an attempt as the offering side. Its signals come back as `signal-out`. */
  | { readonly type: 'dial'; readonly link: LinkId; readonly peer: NodeId }
  /** Begin an attempt as the answering side; the offer follows as `signal`. */
  | { readonly type: 'accept'; readonly link: LinkId; readonly peer: NodeId }
  /** Hand this signal from the other end to the attempt. */
  | { readonly type: 'signal'; readonly link: LinkId; readonly data: Uint8Array }
  /** Close a link or give up an attempt. Frames transmitted before should still go out. */
  | { readonly type: 'hang-up'; readonly link: LinkId; readonly reason: LinkEndReason }
  /** Relay this envelope through the signaling server. */
  | { readonly type: 'server-signal'; readonly to: NodeId; readonly data: Uint8Array }
  /** Ask the signaling server for a few introductions. */
  | { readonly type: 'server-introduce' }
  /** Do this and answer with `crypto-done`. */
  | { readonly type: 'crypto'; readonly job: JobId; readonly request: CryptoRequest }
  /** Keep this record over a reload in the place of the slot, or nothing there any more. */
  | { readonly type: 'persist'; readonly slot: string; readonly held: Held | undefined }
  | { readonly type: 'event'; readonly event: NodeEvent };

export type CryptoRequest =
  /** Sign with the node's own key; 64 bytes come back. */
  | { readonly type: 'sign'; readonly bytes: Uint8Array }
  | { readonly type: 'verify'; readonly items: readonly SignedBytes[] }
  /** Encrypt so that only the holder of `sealingKey` (X25519, 32 bytes) can read it. */
  | { readonly type: 'seal'; readonly sealingKey: Uint8Array; readonly bytes: Uint8Array }
  /** Decrypt something sealed to this node. */
  | { readonly type: 'open'; readonly bytes: Uint8Array }
  /** Work out what another node demands (see admission/work.ts): 2^bits hashes on average, `too-hard` above `bitsMax`. */
  | (WorkBound & {
      readonly type: 'work';
      readonly demand: Uint8Array;
      readonly bitsMax: number;
    })
  /** Nobody waits for that `work` any more: it may end, with `failed`. Nothing happens when it is over. */
  | { readonly type: 'cancel'; readonly job: JobId };

/** What the solution counts for, beside this node. */
export interface WorkBound {
  /** A number of `admission/ask.ts`. */
  readonly purpose: number;
  readonly checker: NodeId;
  /** What exactly: the hash of a record, or nothing. */
  readonly subject?: Uint8Array;
  /** Where the search begins, 8 bytes; at 0 when left out. */
  readonly start?: Uint8Array;
}

export interface SignedBytes {
  readonly publicKey: Uint8Array;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

export type CryptoResult =
  | { readonly type: 'signed'; readonly signature: Uint8Array }
  /** One verdict for each item, in order. */
  | { readonly type: 'verified'; readonly valid: readonly boolean[] }
  | { readonly type: 'sealed'; readonly bytes: Uint8Array }
  | { readonly type: 'opened'; readonly bytes: Uint8Array }
  | { readonly type: 'worked'; readonly solution: Uint8Array | 'too-hard' }
  /** The operation could not be done: bad key, bad ciphertext. */
  | { readonly type: 'failed' };

/** What an application can send. `broadcast` goes to all linked peers, one hop, or by its scope to everybody. */
export type SendKind = 'closest' | 'direct' | 'group' | 'neighbour' | 'broadcast';

export type Command =
  /** Begin: ask for introductions and join. */
  | { readonly type: 'start' }
  | {
      readonly type: 'send';
      readonly id: CommandId;
      readonly kind: SendKind;
      /** The key (`closest`) or node id (`direct`, `neighbour`); any id for `broadcast`. */
      readonly target: NodeId;
      /** Encoded payload; refused with `too-large` above `payloadBytesMax`. */
      readonly body: Uint8Array;
      /** True asks the receiver's handler for a reply. */
      readonly request: boolean;
      /** False sends without asking for a receipt: the result comes at once and says only that it was sent. */
      readonly receipt: boolean;
      /** When to give up, ms; also the life of the message on its way. */
      readonly timeoutMs: number;
      /** Fewer hops than the node would allow by itself. */
      readonly hopLimit?: number;
      /** The key of the group that a `direct` message is from: this node votes for it as a member. */
      readonly fromGroup?: NodeId;
      /** Members of the group that a message is for, or from, 1 to 32; 8 when left out. */
      readonly groupSize?: number;
      /** Whom a `broadcast` is for; the linked peers when left out. */
      readonly scope?: 'neighbours' | 'network';
      /** Copies that set out at once by ways that share no node, at most `routesMax`; 1 when left out. */
      readonly routes?: number;
    }
  /** The application's answer to a delivered request; `undefined` says that no handler replied. */
  | { readonly type: 'reply'; readonly message: string; readonly body: Uint8Array | undefined }
  /** Hold passing `closest` requests so that the application may answer them (see the `routing` event). */
  | { readonly type: 'intercept'; readonly on: boolean }
  /** Let go a held message: forward it, or answer it here with `body`. */
  | { readonly type: 'release'; readonly message: string; readonly body: Uint8Array | undefined }
  /** Find the nodes nearest to a key. */
  | { readonly type: 'lookup'; readonly id: CommandId; readonly key: NodeId; readonly timeoutMs: number }
  /** Ask a linked peer for an immediate heartbeat, to refresh its round trip. */
  | { readonly type: 'ping'; readonly peer: NodeId }
  /** What the store can do; nothing in a node without one. */
  | StoreCommand
  /** The operations of a ring; nothing in a node that runs none. */
  | RingCommand
  /** Say goodbye on all links and stop, with `handOver` once others have this node's records. Every unfinished command ends with `left`. */
  | { readonly type: 'leave'; readonly handOver?: boolean };
