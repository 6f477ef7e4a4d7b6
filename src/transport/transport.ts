/**
 * The seam between a node and whatever carries its links. A transport opens attempts, proves both ends to each other
 * and moves frames; it knows nothing about routing. The contract suite in transport-contract.ts states what every
 * transport must do (rules TR1-TR8). Its inputs and events are the link halves of src/core/io.ts.
 */

import type { NodeId } from '../core/id/node-id.ts';
import type { LinkEndReason, LinkId } from '../core/io.ts';

/** The send buffer of a link above which it is congested, and the level below which it no longer is. Bytes. */
export const HIGH_WATER_BYTES = 64 * 1024;
export const LOW_WATER_BYTES = 16 * 1024;
/** From `dial` or `accept` to a proven link; after that the attempt is given up. */
export const ATTEMPT_TIMEOUT_MS = 10_000;
/** How long a hung-up link may go on sending what was transmitted before. */
export const LINGER_MS = 200;

/**
 * What a transport tells. For each link: any number of `signal`s, then either one `down`, or one `up`, then frames and
 * pressure, then one `down`. After `hangUp` of a link nothing more is told about it. Events never come while a method
 * of the transport is running.
 */
export interface TransportEvents {
  /** A signal for the other end of the attempt. Opaque to everybody but this transport. */
  signal: (link: LinkId, data: Uint8Array) => void;
  /** The link is open and both ends have proven who they are; `record` is the peer's verified contact record. */
  up: (link: LinkId, record: Uint8Array) => void;
  /** The attempt failed or the link is gone. */
  down: (link: LinkId, reason: LinkEndReason) => void;
  /** A frame; the bytes are the receiver's to keep. */
  frame: (link: LinkId, bytes: Uint8Array) => void;
  /** The send buffer rose above the high-water mark (true) or sank below the low one (false). */
  pressure: (link: LinkId, congested: boolean) => void;
}

/** Opens and keeps links. Link ids are given out by the caller and never reused; unknown ones are ignored. */
export interface Transport {
  /** Begins an attempt as the offering side; only a node that proves to be `peer` will do. */
  dial(link: LinkId, peer: NodeId): void;
  /** Begins an attempt as the answering side; the offer follows through `signal`. */
  accept(link: LinkId, peer: NodeId): void;
  /** Hands over a signal from the other end. Malformed ones end the attempt, late ones are ignored. */
  signal(link: LinkId, data: Uint8Array): void;
  /** Sends a frame on a link that is up, in order. The bytes are not copied: do not write to them afterwards. */
  transmit(link: LinkId, bytes: Uint8Array): void;
  /** Ends a link or an attempt; frames transmitted before still go out, for `LINGER_MS` at most. */
  hangUp(link: LinkId, reason: LinkEndReason): void;
  /** Ends everything at once, without lingering and without events: the page goes away. */
  close(): void;
  on<Name extends keyof TransportEvents>(name: Name, listener: TransportEvents[Name]): () => void;
}
