/**
 * The signaling server as nodes see it: they log in, get a few introductions, and have signals relayed. One network, so
 * rooms do not occur. Bytes are counted as the real protocol lays them out, without the HTTP upgrade and the pings of a
 * WebSocket, for the cost per node.
 */

import type { NodeId } from '../core/id/node-id.ts';
import type { Input } from '../core/io.ts';
import type { SeededRandom } from './random.ts';
import { isAlive, type SimNode } from './sim-node.ts';
import { SortedIds } from './sorted-ids.ts';

export interface ServerOptions {
  /** One-way delay between a node and the server, ms. */
  readonly delayMs: number;
  readonly introductionsRandom: number;
  readonly introductionsNear: number;
}

export const SERVER_DEFAULTS: ServerOptions = { delayMs: 10, introductionsRandom: 2, introductionsNear: 2 };

/** What the server model needs of the simulation around it. */
export interface ServerHost {
  input(node: SimNode, input: Input): void;
  /** Calls `task` after a delay in ms. */
  schedule(delayMs: number, task: () => void): void;
}

export class ServerModel {
  /** Bytes that came in and went out since the start, messages with their WebSocket headers. */
  bytesIn = 0;
  bytesOut = 0;
  /** True for pairs that the server neither introduces nor relays between. */
  areApart: ((a: SimNode, b: SimNode) => boolean) | undefined;
  readonly #host: ServerHost;
  readonly #options: ServerOptions;
  readonly #random: SeededRandom;
  readonly #loggedIn = new SortedIds<SimNode>();
  #isUp = true;

  constructor(host: ServerHost, options: ServerOptions, random: SeededRandom) {
    this.#host = host;
    this.#options = options;
    this.#random = random;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Nodes logged in. */
  get size(): number {
    return this.#loggedIn.length;
  }

  /** A node opens its socket: after two round trips it is logged in and introduced. Nothing happens while down. */
  connect(node: SimNode): void {
    const { delayMs } = this.#options;
    this.#host.schedule(4 * delayMs, () => {
      if (!this.#isUp || !isAlive(node)) return;
      this.#count('out', HELLO_BYTES);
      this.#count('in', LOGIN_BYTES);
      this.#loggedIn.add(node);
      this.#host.input(node, { type: 'server-state', connected: true });
      this.#introduce(node, WELCOME_BYTES);
    });
  }

  /** The node's socket is gone. */
  disconnect(node: SimNode): void {
    this.#loggedIn.remove(node);
  }

  /** The server stops: everybody's socket closes. */
  stop(): void {
    this.#isUp = false;
    for (let node = this.#loggedIn.at(0); node !== undefined; node = this.#loggedIn.at(0)) {
      const gone = node;
      this.#loggedIn.remove(gone);
      this.#host.schedule(this.#options.delayMs, () =>
        this.#host.input(gone, { type: 'server-state', connected: false }),
      );
    }
  }

  /** The server is back; the nodes given reconnect, each in its turn (clients back off with jitter). */
  restart(nodes: readonly SimNode[]): void {
    this.#isUp = true;
    for (const node of nodes) {
      this.#host.schedule(this.#random.below(RECONNECT_MS_MAX), () => {
        if (isAlive(node)) this.connect(node);
      });
    }
  }

  /** A node asks for introductions. */
  introduce(node: SimNode): void {
    const { delayMs } = this.#options;
    this.#host.schedule(2 * delayMs, () => {
      if (!this.#isUp || this.#loggedIn.get(node.id) !== node) return;
      this.#count('in', INTRODUCE_BYTES);
      this.#introduce(node, INTRODUCTIONS_BYTES);
    });
  }

  /** A node has a signal relayed to another one. */
  relay(from: SimNode, to: NodeId, data: Uint8Array): void {
    const { delayMs } = this.#options;
    this.#host.schedule(delayMs, () => {
      if (!this.#isUp || this.#loggedIn.get(from.id) !== from) return;
      this.#count('in', SIGNAL_BYTES + data.length);
      const receiver = this.#loggedIn.get(to);
      if (receiver === undefined || this.areApart?.(from, receiver) === true) {
        this.#count('out', UNDELIVERABLE_BYTES);
        this.#host.schedule(delayMs, () => this.#host.input(from, { type: 'server-undeliverable', to }));
        return;
      }
      this.#count('out', SIGNAL_BYTES + data.length);
      this.#host.schedule(delayMs, () =>
        this.#host.input(receiver, { type: 'server-signal', from: from.id, data }),
      );
    });
  }

  #introduce(node: SimNode, fixedBytes: number): void {
    const ids = this.#introductionsFor(node);
    this.#count('out', fixedBytes + ids.length * LISTED_ID_BYTES);
    this.#host.input(node, { type: 'server-introductions', ids });
  }

  #introductionsFor(node: SimNode): NodeId[] {
    if (this.areApart !== undefined) return this.#introductionsWithin(node);
    const chosen = new Set(this.#loggedIn.nearest(node.id, this.#options.introductionsNear));
    const wanted = Math.min(chosen.size + this.#options.introductionsRandom, this.#loggedIn.length - 1);
    while (chosen.size < wanted) {
      const other = this.#loggedIn.at(this.#random.below(this.#loggedIn.length));
      if (other !== undefined && other !== node) chosen.add(other);
    }
    return [...chosen].map((other) => other.id);
  }

  /** The same with some pairs apart: looks at everybody, nearest first. */
  #introductionsWithin(node: SimNode): NodeId[] {
    const able = this.#loggedIn
      .nearest(node.id, this.#loggedIn.length)
      .filter((other) => this.areApart?.(node, other) !== true);
    const chosen = able.splice(0, this.#options.introductionsNear);
    for (let i = 0; i < this.#options.introductionsRandom && able.length > 0; i++) {
      chosen.push(...able.splice(this.#random.below(able.length), 1));
    }
    return chosen.map((other) => other.id);
  }

  #count(direction: 'in' | 'out', messageBytes: number): void {
    // Frames from a browser carry a mask of four bytes; from 126 bytes on the length takes two more.
    const header = (direction === 'in' ? 6 : 2) + (messageBytes < 126 ? 0 : 2);
    if (direction === 'in') this.bytesIn += header + messageBytes;
    else this.bytesOut += header + messageBytes;
  }
}

/** Bytes of the protocol's messages without the ids and data they carry; control messages are JSON with hexadecimal. */
const HELLO_BYTES = 103;
/** With a room and a host of usual length. */
const LOGIN_BYTES = 310;
const WELCOME_BYTES = 78;
const INTRODUCE_BYTES = 20;
const INTRODUCTIONS_BYTES = 32;
/** An id in hexadecimal, with its quotes and comma. */
const LISTED_ID_BYTES = 67;
/** Binary frames: one byte for the kind, then an id. */
const SIGNAL_BYTES = 33;
const UNDELIVERABLE_BYTES = 33;
const RECONNECT_MS_MAX = 5_000;
