/**
 * The public API in types: what `openOverlay` takes and gives. Ids are text of 64 hexadecimal digits, times are
 * milliseconds, calls resolve with a result that says what happened and reject only on misuse.
 */

import type { RingApi } from './ring-api.ts';
import type { RecordStore } from './store-api.ts';

/** A node id or key as 64 lower-case hexadecimal digits. */
export type Id = string;

/** A key: 64 hex digits or 32 bytes are an id as they are; any other text is hashed; `{ text }` forces hashing. */
export type Key = string | Uint8Array | { readonly text: string };

/** What travels: bytes, text, or plain data (numbers, text, bytes, arrays, records, null, booleans). At most 64 KiB. */
export type Payload = Uint8Array | string | PlainData;
export type PlainData =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly PlainData[]
  | { readonly [name: string]: PlainData };

export interface OverlayOptions {
  /** The network to join: any text of 1-64 characters (code points). Tabs with the same room and server find each other. */
  readonly room: string;
  /** WebSocket address of the signaling server. Default: `ws(s)://<host of the page>/signaling`. */
  readonly signaling?: string;
  /**
   * How the network decides who is near and who keeps what: `kademlia` (XOR distance, the default) or `chord` (a ring).
   * The first node of a room decides; one that comes with another geometry is refused by the server.
   */
  readonly geometry?: GeometryName;
  /** Contacts in a bucket, 1-64. Default 8. On a ring contacts kept for each finger. */
  readonly bucketSize?: number;
  /** Nodes that a node of a ring knows in each direction, 1-64. Default 16. Not used on Kademlia. */
  readonly successors?: number;
  /** Links never exceeded, 1-200. Default 48; half of them are sought, the rest are for others. */
  readonly linksMax?: number;
  /** Nearest contacts a node wants links to, 0-64. Default 8. */
  readonly siblings?: number;
  /** STUN and TURN servers. Default: what the signaling server hands out. */
  readonly iceServers?: readonly RTCIceServer[];
  /** Where the identity is kept: `persistent` (IndexedDB, the default) or `memory` (a fresh id each time). */
  readonly storage?: 'persistent' | 'memory';
  /** When calls give up unless they say otherwise, ms. Default 10,000, at most 60,000. */
  readonly timeoutMs?: number;
  /**
   * Work that nodes unknown to this one do before it links to them or keeps their records: hashes until one begins with so
   * many zero bits, 0-18. Each bit doubles it; 16 take a fraction of a second. Default 0: none.
   */
  readonly admissionBits?: number;
}

/** `kademlia`: distance is XOR. `chord`: all ids on one ring, a key belongs to the first node at or after it. */
export type GeometryName = 'kademlia' | 'chord';

export interface SendOptions {
  /** When to give up, ms. At most 60,000. */
  readonly timeoutMs?: number;
  /** False sends without asking for a receipt; the result then says only that the message set out. Default true. */
  readonly receipt?: boolean;
  /** Most hops the message may take, 1-20. */
  readonly hopLimit?: number;
  /** Copies that set out at once, 1-4, by ways that share no node but the ends. Default 1; a copy that fails is followed by another in any case. */
  readonly routes?: number;
}

export interface GroupOptions {
  /** When to give up, ms. At most 60,000. */
  readonly timeoutMs?: number;
  /** How many of the nodes nearest to the key, 1-32. Default 8. Up to the bucket size each knows exactly who they are. */
  readonly size?: number;
}

export interface BroadcastOptions extends Omit<SendOptions, 'routes'> {
  /** The linked peers (the default), or every node of the network. */
  readonly scope?: 'neighbours' | 'network';
}

export type ReasonCode =
  | 'timeout'
  | 'unreachable'
  | 'not-linked'
  | 'no-reply'
  | 'too-large'
  | 'overloaded'
  | 'hop-limit'
  | 'rejected'
  | 'not-member'
  | 'left';

/** What became of a message. */
export interface Receipt {
  readonly ok: boolean;
  /** Why not, when `ok` is false. `reasonText(reason)` gives the sentence. */
  readonly reason?: ReasonCode;
  /** Who answered; of a group the members that have it; for a broadcast to peers those it was sent to. */
  readonly by: readonly Id[];
  /** True when a node on the way answered instead of the nearest one. */
  readonly onTheWay: boolean;
  /** Hops of the path that delivered; 0 when this node was the receiver. */
  readonly hops: number;
  /** Copies sent over links, as far as the sender learned. */
  readonly transmissions: number;
  readonly rttMs: number;
  /** The nodes passed, sender first, receiver last. */
  readonly path: readonly Id[];
  /** How sure it is that no node is nearer to the key; `complete` for a direct message. */
  readonly certainty: 'complete' | 'likely' | 'unknown';
  /** Nodes that a broadcast to the network reached, by the word of those that passed it on. */
  readonly reached?: number;
  /** Next hops of this tab that came to nothing, in order: what was tried before. */
  readonly tried: readonly { readonly peer: Id; readonly reason: RetryReason }[];
  /** First 14 digits of the ids of nodes nearer to the key that said nothing when the message was tried there. */
  readonly ruledOut: readonly string[];
  /** The message's id, 32 hexadecimal digits, to find it in the log; absent when nothing was sent. */
  readonly message?: string;
}

/**
 * Why a message was given to another next hop: its link is gone (`link-down`) or unsteady (`suspect`), it found no way
 * (`no-route`), showed no progress (`silent`), was told that the target does not exist (`absent`), the message was
 * altered from there on (`rejected`), the answer came from a node that is not the nearest (`refused`) or was not
 * signed by the node it names (`forged`). `unanswered`: the message was still under way there when its time was over.
 */
export type RetryReason =
  | 'link-down'
  | 'suspect'
  | 'no-route'
  | 'silent'
  | 'absent'
  | 'rejected'
  | 'refused'
  | 'forged'
  | 'unanswered';

/** A receipt with the receiver's answer. `reply` is present when `ok` is true. */
export interface Reply extends Receipt {
  readonly reply?: Payload;
}

export interface LookupResult extends Receipt {
  /** The nodes found nearest to the key, nearest first; may include this node. */
  readonly found: readonly Id[];
}

export type Kind = 'closest' | 'direct' | 'group' | 'neighbour' | 'broadcast';

/** A message that reached this node. */
export interface Message {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly kind: Kind;
  readonly origin: Id;
  /** The key or id it was sent to. */
  readonly target: Id;
  /** True when the target is exactly this node's id. */
  readonly exact: boolean;
  readonly hops: number;
  readonly payload: Payload;
  /** True when the sender waits for a reply. */
  readonly wantsReply: boolean;
  /** Present for a message from a group; `origin` is then the nearest member that sent it. */
  readonly fromGroup?: FromGroup;
}

/** The group that a message is from. Look at `key` and `size`: any node is a group of one around its own id. */
export interface FromGroup {
  readonly key: Id;
  readonly size: number;
  /** The members that sent it, as far as they were counted: more than half of the group, nearest to the key first. */
  readonly members: readonly Id[];
}

/** Handles a message. The first handler that returns (or resolves to) something other than `undefined` replies. */
export type MessageHandler = (
  message: Message,
) => Payload | undefined | void | Promise<Payload | undefined | void>;

/** Where to send a request: exactly one of the three. */
export type RequestTarget = { readonly closest: Key } | { readonly direct: Id } | { readonly neighbour: Id };

export interface EventOptions {
  /**
   * True lets this handler answer `closest` requests that pass by: they are held for it, and what it returns for a
   * `routing` event with a `payload` becomes the reply. Default false.
   */
  readonly answers?: boolean;
}

export type EventHandler = (event: OverlayEvent) => unknown;

/** A running node of an overlay network. */
export interface Overlay extends RecordStore {
  /** GetNode, GetValue and InsertValue; only with `geometry: 'chord'`. */
  readonly ring?: RingApi | undefined;
  /** This node's id. */
  readonly id: Id;
  readonly room: string;
  /**
   * Resolves when the node has a proven link and has looked up its own id, or knows that it is alone. Without the
   * signaling server that may take until it is back; a node that leaves first resolves it too. Never rejects.
   */
  readonly ready: Promise<void>;

  /** Sends to the node nearest to the key, this node included. */
  closest(key: Key, payload: Payload, options?: SendOptions): Promise<Receipt>;
  /** Sends to exactly that node. */
  direct(id: Id, payload: Payload, options?: SendOptions): Promise<Receipt>;
  /** Sends to a linked peer, one hop. */
  neighbour(id: Id, payload: Payload, options?: SendOptions): Promise<Receipt>;
  /** Sends to the nodes nearest to the key; `by` names those who signed that they have it. */
  group(key: Key, payload: Payload, options?: GroupOptions): Promise<Receipt>;
  /**
   * Sends as a member of a group, the `size` nodes nearest to the key, of which each makes the same call. `to` gets it
   * once, with `fromGroup`, when more than half of the group sent it; the receipt says that it has this member's part.
   * Reason `not-member` for a node that is none. What a handler returns is not sent back: a vote is no request.
   *
   * What a receiver takes for the group's word may be a lie where hostile nodes are more than half of the group: 20 % of
   * all nodes, by chance, are so in 1 % of groups of 8; whoever chooses ids near the key does better, and so may the one
   * node that answers the receiver's lookup of the key. The same content within a minute is the same message.
   */
  fromGroup(key: Key, to: Id, payload: Payload, options?: GroupOptions): Promise<Receipt>;
  /** Sends to every linked peer, one hop, or with the scope `network` to every node; `reached` counts those. */
  broadcast(payload: Payload, options?: BroadcastOptions): Promise<Receipt>;
  /** Sends and waits for the receiver's reply. */
  request(target: RequestTarget, payload: Payload, options?: SendOptions): Promise<Reply>;
  /** Finds the nodes nearest to a key. */
  lookup(key: Key, options?: { readonly timeoutMs?: number }): Promise<LookupResult>;

  /** Registers a handler; returns the function that takes it away. */
  onMessage(handler: MessageHandler): () => void;
  onEvent(handler: EventHandler, options?: EventOptions): () => void;

  snapshot(): Snapshot;
  /** Asks a linked peer for an immediate heartbeat; the round trip shows in the snapshot. */
  ping(id: Id): void;
  /** Says goodbye and stops. Unfinished calls resolve with reason `left`. */
  leave(): Promise<void>;
}

/** How the node stands; `cut-off` was ready and lost all links. */
export type OverlayState = 'idle' | 'joining' | 'alone' | 'ready' | 'cut-off' | 'left';

export type SignalingState =
  /** No connection; trying again with back-off. */
  | 'offline'
  | 'connecting'
  | 'online'
  /** The server refused for good; `signalingProblem` says why. */
  | 'refused';

/** Everything the node knows about itself. Plain data. */
export interface Snapshot {
  readonly id: Id;
  readonly room: string;
  /** Milliseconds since the epoch at which this was taken; all other time points are on the same clock. */
  readonly takenAt: number;
  readonly startedAt: number;
  readonly state: OverlayState;
  /** What this node runs on. */
  readonly geometry: GeometryName;
  /** True when, as far as the node can tell, its buckets, or its lists on a ring, hold every node they should. */
  readonly complete: boolean;
  readonly signaling: SignalingState;
  readonly signalingUrl: string;
  /** Why the server refused or the connection broke, as a sentence. */
  readonly signalingProblem?: string;
  /** What the room runs on, where the server refused this node for coming with another geometry. */
  readonly networkGeometry?: GeometryName;
  /** Where the identity lives: kept across reloads, or only in memory (with the reason as a sentence). */
  readonly identity: { readonly kept: boolean; readonly problem?: string };
  /**
   * Proof of work that others ask of this tab is being worked out, or the last one asked for was more than it does for
   * anybody; absent when neither is so.
   */
  readonly work?: 'under-way' | 'too-hard';
  /** Why records do not last until the next visit, as a sentence; absent when they do. */
  readonly recordsProblem?: string;
  /** What stopped the node for good although nobody asked it to leave, as a sentence. */
  readonly problem?: string;
  readonly networkSizeEstimate: number;
  /** Contacts in a bucket; on a ring nodes in each of the two lists. */
  readonly bucketSize: number;
  readonly linksMax: number;
  /** Empty on a ring. */
  readonly buckets: readonly BucketView[];
  /** What the node knows of its ring; absent on Kademlia. */
  readonly ring?: RingView;
  readonly links: readonly LinkView[];
  readonly counters: CountersView;
}

/** A node with a place in the table. */
export interface ContactView {
  readonly id: Id;
  readonly linked: boolean;
  /** When it was last known to be alive, ms since the epoch. */
  readonly lastSeenAt: number;
}

/** Why a part of a table may lack nodes. */
export type GapName = 'none' | 'not-looked-up' | 'contact-lost';

export interface BucketView {
  /** Leading bits shared with the own id; the last bucket covers this many or more. */
  readonly index: number;
  readonly contacts: readonly ContactView[];
  /** Known nodes that wait for a place. */
  readonly candidates: readonly Id[];
  readonly full: boolean;
  /** Why nodes may be missing; `none` when the bucket is full or was looked up since the last change. */
  readonly gap: GapName;
}

/** A node's place on a Chord ring, ids ascending clockwise. It is responsible for the keys in (predecessor, own id]. */
export interface RingView {
  /** Nodes that it wants to know in each direction. */
  readonly listSize: number;
  /** Counter-clockwise, nearest first: the first one is the predecessor. */
  readonly predecessors: readonly ContactView[];
  /** Clockwise, nearest first: the first one is the successor. */
  readonly successors: readonly ContactView[];
  /** Why the two lists may lack nodes; `none` when they hold as many as wanted, or everybody there is. */
  readonly gap: GapName;
  /** Those that point beyond the successors, the shortest first. */
  readonly fingers: readonly FingerView[];
  /** Known nodes that stand in no list and that no finger points to. */
  readonly candidates: readonly Id[];
  /** When the node last compared its lists with its successor's, ms since the epoch; absent before the first time. */
  readonly stabilizedAt?: number;
  /** True while it waits for the successor's answer. */
  readonly stabilizing: boolean;
}

export interface FingerView {
  /** The finger points to the first node at or after `start`, the own id + 2^exponent. */
  readonly exponent: number;
  readonly start: Id;
  /** Absent while nobody is known there. */
  readonly contact?: ContactView;
  readonly gap: GapName;
}

export interface LinkView {
  readonly peer: Id;
  readonly state: 'dialling' | 'answering' | 'up' | 'suspect' | 'down';
  readonly outgoing: boolean;
  /** Why the node keeps it: for a bucket or a finger, as a near neighbour (`sibling`), beyond both, or not wanted. */
  readonly role: 'bucket' | 'sibling' | 'extra' | 'none';
  /** Smoothed round trip, ms. */
  readonly rttMs?: number;
  readonly startedAt: number;
  readonly upAt?: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames waiting because the link is congested or out of credit. */
  readonly queued: number;
  /** How many links the peer says it has. */
  readonly peerLinks: number;
}

/** Totals since the node started. */
export interface CountersView {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly sent: number;
  readonly delivered: number;
  readonly forwarded: number;
  readonly transmissions: number;
  readonly acks: number;
  readonly retries: number;
  readonly duplicates: number;
  readonly droppedForwarded: number;
  readonly droppedOwn: number;
  readonly malformed: number;
  readonly dials: number;
  readonly dialsFailed: number;
}

/** What a message is for: the application's own, or the node's upkeep. */
export type Service = 'app' | 'lookup' | 'signal' | 'ping' | 'group' | 'spread' | 'vote' | 'store' | 'ring';

interface EventBase {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type OverlayEvent =
  /** A message of this node set out. */
  | (EventBase & {
      readonly type: 'sent';
      readonly message: string;
      readonly kind: Kind | 'reply';
      readonly service: Service;
      readonly target: Id;
      readonly nextHop?: Id;
      readonly bytes: number;
    })
  /** A message of this node is settled: receipt, reply or failure. */
  | (EventBase & {
      readonly type: 'settled';
      readonly message: string;
      readonly kind: Kind | 'reply';
      readonly service: Service;
      readonly target: Id;
      readonly receipt: Receipt;
    })
  /** A message reached this node. */
  | (EventBase & {
      readonly type: 'delivered';
      readonly message: string;
      readonly kind: Kind | 'reply';
      readonly service: Service;
      readonly origin: Id;
      readonly lastHop?: Id;
      readonly target: Id;
      readonly exact: boolean;
      readonly hops: number;
      readonly bytes: number;
      /** Present for the application's own messages. */
      readonly payload?: Payload;
      readonly fromGroup?: FromGroup;
    })
  /** A message passed this node on its way. `payload` is there for held requests (see `EventOptions.answers`). */
  | (EventBase & {
      readonly type: 'routing';
      readonly message: string;
      readonly kind: Kind | 'reply';
      readonly service: Service;
      readonly origin: Id;
      readonly target: Id;
      readonly lastHop: Id;
      readonly nextHop?: Id;
      readonly hops: number;
      readonly bytes: number;
      readonly payload?: Payload;
    })
  /** A next hop came to nothing for a message that this tab sent or passed on; `nextHop` got it instead, if any. */
  | (EventBase & {
      readonly type: 'retry';
      readonly message: string;
      readonly service: Service;
      readonly failedHop: Id;
      readonly nextHop?: Id;
      readonly reason: RetryReason;
    })
  /** The set of linked peers changed. */
  | (EventBase & { readonly type: 'nodes'; readonly added: readonly Id[]; readonly removed: readonly Id[] })
  | (EventBase & {
      readonly type: 'link';
      readonly peer: Id;
      readonly state: LinkView['state'];
      readonly reason?: string;
    })
  | (EventBase & { readonly type: 'state'; readonly state: OverlayState; readonly complete: boolean })
  | (EventBase & { readonly type: 'signaling'; readonly state: SignalingState; readonly problem?: string })
  | (EventBase & { readonly type: 'malformed'; readonly peer: Id; readonly problem: string })
  /** A handler threw, or the node itself was stopped by a fault; the sentence says which. */
  | (EventBase & { readonly type: 'fault'; readonly problem: string })
  /** The browser put the tab to sleep for this long; the node has since repaired itself. */
  | (EventBase & { readonly type: 'asleep'; readonly forMs: number });
