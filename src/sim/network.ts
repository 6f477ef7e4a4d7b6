/**
 * The model of links, under the same contract as real ones: an attempt needs its offer and its answer carried by the
 * cores (through the server or the overlay), takes time to set up, and fails by time-out; frames on a link arrive in
 * order after a delay that belongs to the pair; a closed end shows at the other after the frames sent before. Both ends
 * must be who they claim to be, as the proof of a real link makes sure.
 */

import type { Input, LinkId } from '../core/io.ts';
import { mapKey, sameId, type MapKey, type NodeId } from '../core/id/node-id.ts';
import { pairFraction } from './random.ts';
import { isAlive, type SimNode } from './sim-node.ts';

/** How links behave. Times in ms of virtual time; ratios in [0, 1]. */
export interface NetworkOptions {
  /** Mean one-way delay of a link. */
  readonly delayMsMean: number;
  /** Smallest one-way delay; the delay of a pair lies evenly between this and as much above the mean. */
  readonly delayMsMin: number;
  /** From asking the transport for an offer or an answer until it has one. */
  readonly gatherMs: number;
  /** From the answer's arrival until both ends have a proven link. */
  readonly setupMs: number;
  /** An attempt that is not a link by then has failed. */
  readonly attemptTimeoutMs: number;
  /** Share of pairs that can never link. */
  readonly blocked: number;
  /** From an orderly close (the tab was closed) until the other ends see it. */
  readonly closeMs: number;
  /** From a crash of the tab until the browsers at the other ends see it: at least, at most. */
  readonly crashSeenMsMin: number;
  readonly crashSeenMsMax: number;
}

export const NETWORK_DEFAULTS: NetworkOptions = {
  delayMsMean: 10,
  delayMsMin: 8,
  gatherMs: 5,
  setupMs: 40,
  attemptTimeoutMs: 10_000,
  blocked: 0,
  closeMs: 10,
  crashSeenMsMin: 5_000,
  crashSeenMsMax: 6_000,
};

/** What happens on links after a delay. Numbers, since the event loop compares them a million times. */
export const LINK_EVENTS = { frame: 0, down: 1, signalOut: 2, up: 3, attemptTimeout: 4 } as const;
export type LinkEventKind = (typeof LINK_EVENTS)[keyof typeof LINK_EVENTS];

/** One node's end of a link or an attempt. */
export interface LinkEnd {
  readonly node: SimNode;
  readonly link: LinkId;
  readonly peerId: NodeId;
  /** Names this end in offers and answers. */
  readonly serial: number;
  readonly isAnswering: boolean;
  state: 'attempt' | 'up' | 'closed';
  other: LinkEnd | undefined;
  delayMs: number;
}

/** What the network needs of the simulation around it. */
export interface NetworkHost {
  readonly seed: number;
  /** Hands an input to a node now. */
  input(node: SimNode, input: Input): void;
  /** Brings `handle(kind, end, bytes)` about after a delay. */
  scheduleLink(delayMs: number, kind: LinkEventKind, end: LinkEnd, bytes: Uint8Array): void;
}

export class Network {
  readonly options: NetworkOptions;
  /** True for pairs that nothing gets through between for now: a partition. */
  areApart: ((a: SimNode, b: SimNode) => boolean) | undefined;
  readonly #host: NetworkHost;
  readonly #nodes = new Map<MapKey, SimNode>();
  readonly #attempts = new Map<number, LinkEnd>();
  #nextSerial = 1;
  #upCount = 0;
  #linkChanges = 0;

  constructor(host: NetworkHost, options: NetworkOptions) {
    this.#host = host;
    this.options = options;
  }

  /** Attempts that are neither links nor ended, but for those to nodes that have no room: they end in no link. */
  get attemptCount(): number {
    let count = 0;
    for (const end of this.#attempts.values()) if (end.isAnswering || this.#hasRoom(end.peerId)) count++;
    return count;
  }

  /** Ends of links that came up or went down so far. */
  get linkChanges(): number {
    return this.#linkChanges;
  }

  /** Links that are up, each counted once. */
  get linkCount(): number {
    return this.#upCount / 2;
  }

  /** Makes a node reachable by its id. A later node of the same id (a reloaded tab) takes over. */
  register(node: SimNode): void {
    this.#nodes.set(mapKey(node.id), node);
  }

  find(id: NodeId): SimNode | undefined {
    return this.#nodes.get(mapKey(id));
  }

  /** True when this pair can never link, whatever they do. */
  isBlocked(a: SimNode, b: SimNode): boolean {
    if (this.areApart?.(a, b) === true) return true;
    const { blocked } = this.options;
    return blocked > 0 && pairFraction(this.#host.seed, BLOCKED_SALT, a.index, b.index) < blocked;
  }

  /** One-way delay between two nodes, ms: the same in both directions and for all links of the pair. */
  delayMs(a: SimNode, b: SimNode): number {
    const { delayMsMean, delayMsMin } = this.options;
    if (delayMsMin === delayMsMean) return delayMsMean;
    return (
      delayMsMin +
      2 * (delayMsMean - delayMsMin) * pairFraction(this.#host.seed, DELAY_SALT, a.index, b.index)
    );
  }

  // What cores put out -------------------------------------------------------------------------------------------

  dial(node: SimNode, link: LinkId, peerId: NodeId): void {
    const end = this.#begin(node, link, peerId, false);
    this.#host.scheduleLink(
      this.options.gatherMs,
      LINK_EVENTS.signalOut,
      end,
      writeSignal(OFFER, end.serial, 0),
    );
  }

  accept(node: SimNode, link: LinkId, peerId: NodeId): void {
    this.#begin(node, link, peerId, true);
  }

  /** A signal came to an attempt. What is not an offer or answer that fits is ignored, and the attempt times out. */
  signal(node: SimNode, link: LinkId, bytes: Uint8Array): void {
    const end = node.links.get(link);
    if (end === undefined || end.state !== 'attempt' || bytes.length < SIGNAL_HEADER_BYTES) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const sender = this.#attempts.get(view.getUint32(1));
    if (sender === undefined || !isProven(sender, end)) return;
    if (bytes[0] === OFFER && end.isAnswering && end.other === undefined) {
      end.other = sender;
      const answer = writeSignal(ANSWER, end.serial, sender.serial);
      this.#host.scheduleLink(this.options.gatherMs, LINK_EVENTS.signalOut, end, answer);
    } else if (bytes[0] === ANSWER && !end.isAnswering && end.other === undefined) {
      if (view.getUint32(5) !== end.serial || sender.other !== end) return;
      end.other = sender;
      if (!this.isBlocked(node, sender.node)) {
        this.#host.scheduleLink(this.options.setupMs, LINK_EVENTS.up, end, NO_BYTES);
      }
    }
  }

  transmit(node: SimNode, link: LinkId, bytes: Uint8Array): void {
    const end = node.links.get(link);
    if (end === undefined || end.state !== 'up' || end.other === undefined) return;
    if (this.areApart?.(end.node, end.other.node) === true) return;
    this.#host.scheduleLink(end.delayMs, LINK_EVENTS.frame, end.other, bytes);
  }

  hangUp(node: SimNode, link: LinkId): void {
    const end = node.links.get(link);
    if (end === undefined) return;
    const wasUp = end.state === 'up';
    this.#close(end);
    if (wasUp && end.other !== undefined) {
      this.#host.scheduleLink(end.delayMs, LINK_EVENTS.down, end.other, NO_BYTES);
    }
  }

  // What happens to nodes ----------------------------------------------------------------------------------------

  /** All ends of a node are gone; the others notice after `seenAfterMs()` each, or never where it is `Infinity`. */
  cut(node: SimNode, seenAfterMs: () => number): void {
    // Closing removes an end from the map, which a map allows while it is walked.
    for (const end of node.links.values()) {
      const wasUp = end.state === 'up';
      this.#close(end);
      const delayMs = seenAfterMs();
      if (!wasUp || end.other === undefined || delayMs === Infinity) continue;
      this.#host.scheduleLink(delayMs, LINK_EVENTS.down, end.other, NO_BYTES);
    }
  }

  /** The links of a node to those it is apart from die; each end notices by itself, after `seenAfterMs()`. */
  severApart(node: SimNode, seenAfterMs: () => number): void {
    for (const end of node.links.values()) {
      if (end.state !== 'up' || end.other === undefined) continue;
      if (this.areApart?.(node, end.other.node) !== true) continue;
      this.#host.scheduleLink(seenAfterMs(), LINK_EVENTS.down, end, NO_BYTES);
    }
  }

  // What was scheduled -------------------------------------------------------------------------------------------

  /** Something scheduled on an end happens now. */
  handle(kind: LinkEventKind, end: LinkEnd, bytes: Uint8Array): void {
    switch (kind) {
      case LINK_EVENTS.frame:
        if (end.state === 'up') this.#host.input(end.node, { type: 'frame', link: end.link, bytes });
        return;
      case LINK_EVENTS.down:
        if (end.state === 'up') this.#end(end, 'closed');
        return;
      case LINK_EVENTS.signalOut:
        if (end.state !== 'attempt') return;
        this.#host.input(end.node, { type: 'signal-out', link: end.link, data: bytes });
        return;
      case LINK_EVENTS.up:
        this.#bringUp(end);
        return;
      case LINK_EVENTS.attemptTimeout:
        if (end.state === 'attempt') this.#end(end, 'failed');
    }
  }

  #hasRoom(id: NodeId): boolean {
    const node = this.find(id);
    if (node === undefined) return true;
    let links = 0;
    for (const end of node.links.values()) if (end.state === 'up') links++;
    return links < node.config.linksMax;
  }

  #begin(node: SimNode, link: LinkId, peerId: NodeId, isAnswering: boolean): LinkEnd {
    const serial = this.#nextSerial++;
    const end: LinkEnd = {
      node,
      link,
      peerId,
      serial,
      isAnswering,
      state: 'attempt',
      other: undefined,
      delayMs: 0,
    };
    node.links.set(link, end);
    this.#attempts.set(serial, end);
    this.#host.scheduleLink(this.options.attemptTimeoutMs, LINK_EVENTS.attemptTimeout, end, NO_BYTES);
    return end;
  }

  #bringUp(dialler: LinkEnd): void {
    const answerer = dialler.other;
    if (answerer === undefined || dialler.state !== 'attempt' || answerer.state !== 'attempt') return;
    if (!isAlive(dialler.node) || !isAlive(answerer.node)) return;
    const delayMs = this.delayMs(dialler.node, answerer.node);
    for (const end of [dialler, answerer]) {
      this.#attempts.delete(end.serial);
      end.state = 'up';
      end.delayMs = delayMs;
      this.#upCount++;
      this.#linkChanges++;
    }
    this.#host.input(dialler.node, { type: 'link-up', link: dialler.link, record: answerer.node.record });
    this.#host.input(answerer.node, { type: 'link-up', link: answerer.link, record: dialler.node.record });
  }

  #end(end: LinkEnd, reason: 'closed' | 'failed'): void {
    this.#close(end);
    this.#host.input(end.node, { type: 'link-down', link: end.link, reason });
  }

  #close(end: LinkEnd): void {
    if (end.state === 'up') {
      this.#upCount--;
      this.#linkChanges++;
    }
    end.state = 'closed';
    end.node.links.delete(end.link);
    this.#attempts.delete(end.serial);
  }
}

/** The proof of a link: each end is the node that the other one meant. */
function isProven(a: LinkEnd, b: LinkEnd): boolean {
  return sameId(a.peerId, b.node.id) && sameId(b.peerId, a.node.id);
}

function writeSignal(kind: number, sender: number, receiver: number): Uint8Array {
  const bytes = new Uint8Array(kind === OFFER ? OFFER_BYTES : ANSWER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, sender);
  view.setUint32(5, receiver);
  return bytes;
}

const OFFER = 1;
const ANSWER = 2;
/** The most that a description with four candidates takes as the product writes it (transport/webrtc, rule SC7). */
const OFFER_BYTES = 150;
const ANSWER_BYTES = 150;
const SIGNAL_HEADER_BYTES = 9;
const NO_BYTES = new Uint8Array(0);
const DELAY_SALT = 1;
const BLOCKED_SALT = 2;
