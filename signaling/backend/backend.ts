/**
 * Who is in which room, and the way to a member: the one thing that several server processes would have to share.
 * A hub knows only its own sockets. Methods are asynchronous because a shared directory is; calls take effect in the
 * order in which they were made. `backend-contract.ts` holds what every implementation must satisfy.
 */

import type { Geometry } from '../protocol.ts';

/** Names one login of one socket of this process. Never reused. */
export type SessionId = number;

export interface Membership {
  readonly session: SessionId;
  readonly room: string;
  /** 32 bytes; proven by the caller. */
  readonly id: Uint8Array;
  readonly geometry: Geometry;
}

/** `geometry` is the room's: the first member decides, and a room without members forgets it. */
export interface JoinResult {
  readonly ok: boolean;
  readonly geometry: Geometry;
}

export interface Relay {
  readonly room: string;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly data: Uint8Array;
}

/** What a backend tells the process that it works for. */
export interface BackendListener {
  /** A signal for a member that is a session of this process. */
  deliver(session: SessionId, from: Uint8Array, data: Uint8Array): void;
  /** A newer session joined the same room with the same id; this one is no member any more. */
  replaced(session: SessionId): void;
}

export interface Backend {
  /** Enters a room, or says which other geometry it runs on. A session joins once. */
  join(member: Membership): Promise<JoinResult>;
  /** Leaves the room; nothing happens when the session is no member. */
  leave(session: SessionId): Promise<void>;
  /** Up to `count` different members of a room, chosen at random. */
  sample(room: string, count: number): Promise<Uint8Array[]>;
  /** Up to `count` members of a room nearest to `target` by XOR, nearest first. */
  nearest(room: string, target: Uint8Array, count: number): Promise<Uint8Array[]>;
  /** Delivers a signal; false when that id is not in the room. */
  publish(relay: Relay): Promise<boolean>;
  /** Members of each room, without its name. */
  roomSizes(): Promise<number[]>;
  close(): Promise<void>;
}
