/**
 * Links between nodes of one process, for tests of what stands above a transport. Signals, the link proof and
 * back-pressure are real; only the wire is not: bytes wait in a queue and arrive in a later turn of the event loop.
 */

import { createNanoEvents } from 'nanoevents';
import { toHex, type NodeId } from '../../core/id/node-id.ts';
import type { LinkEndReason, LinkId } from '../../core/io.ts';
import type { Identity } from '../../identity/identity.ts';
import { LinkProof, type LinkRole } from '../../identity/link-proof.ts';
import { Verifier } from '../../identity/verifier.ts';
import {
  ATTEMPT_TIMEOUT_MS,
  HIGH_WATER_BYTES,
  LOW_WATER_BYTES,
  type Transport,
  type TransportEvents,
} from '../transport.ts';

/** The wire: offers that wait for an answer, by token. */
export class MemoryNetwork {
  readonly offers = new Map<string, MemoryLink>();
}

/** One node's end of the wire. */
export class MemoryTransport implements Transport {
  readonly #network: MemoryNetwork;
  readonly #identity: Identity;
  readonly #verifier = new Verifier();
  readonly #links = new Map<LinkId, MemoryLink>();
  readonly #events = createNanoEvents<TransportEvents>();

  constructor(network: MemoryNetwork, identity: Identity) {
    this.#network = network;
    this.#identity = identity;
  }

  on<Name extends keyof TransportEvents>(name: Name, listener: TransportEvents[Name]): () => void {
    return this.#events.on(name, listener);
  }

  dial(link: LinkId, peer: NodeId): void {
    const started = this.#begin(link, peer, 'offerer');
    const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
    this.#network.offers.set(toHex(token), started);
    later(() => this.#links.get(link) === started && this.#events.emit('signal', link, token));
  }

  accept(link: LinkId, peer: NodeId): void {
    this.#begin(link, peer, 'answerer');
  }

  signal(link: LinkId, data: Uint8Array): void {
    later(() => this.#onSignal(link, data));
  }

  transmit(link: LinkId, bytes: Uint8Array): void {
    this.#links.get(link)?.transmit(bytes);
  }

  hangUp(link: LinkId, _reason: LinkEndReason): void {
    const ending = this.#links.get(link);
    this.#links.delete(link);
    ending?.hangUp();
  }

  close(): void {
    for (const link of this.#links.values()) link.hangUp();
    this.#links.clear();
  }

  #begin(link: LinkId, peer: NodeId, role: LinkRole): MemoryLink {
    const started = new MemoryLink({
      role,
      peer,
      identity: this.#identity,
      verifier: this.#verifier,
      onUp: (record) => this.#events.emit('up', link, record),
      onFrame: (bytes) => this.#events.emit('frame', link, bytes),
      onPressure: (congested) => this.#events.emit('pressure', link, congested),
      onDown: (reason) => {
        this.#links.delete(link);
        this.#events.emit('down', link, reason);
      },
    });
    this.#links.set(link, started);
    return started;
  }

  /** An answerer gets the token of an offer, connects to it and sends the token back. */
  #onSignal(link: LinkId, data: Uint8Array): void {
    const own = this.#links.get(link);
    if (own === undefined) return;
    const offer = this.#network.offers.get(toHex(data));
    if (offer === undefined || (own.role === 'offerer' && own !== offer)) return own.end('failed');
    if (own === offer) {
      this.#network.offers.delete(toHex(data));
      return own.open();
    }
    own.connect(offer);
    this.#events.emit('signal', link, data);
  }
}

interface MemoryLinkOptions {
  readonly role: LinkRole;
  readonly peer: NodeId;
  readonly identity: Identity;
  readonly verifier: Verifier;
  readonly onUp: (record: Uint8Array) => void;
  readonly onFrame: (bytes: Uint8Array) => void;
  readonly onPressure: (congested: boolean) => void;
  readonly onDown: (reason: LinkEndReason) => void;
}

/** One end of one link. */
class MemoryLink {
  readonly #options: MemoryLinkOptions;
  readonly #proof: LinkProof;
  readonly #certificate = crypto.getRandomValues(new Uint8Array(32));
  readonly #timeout: ReturnType<typeof setTimeout>;
  #other: MemoryLink | undefined;
  #outgoing: Uint8Array[] = [];
  #buffered = 0;
  #congested = false;
  #up = false;
  #ended = false;
  #hangingUp = false;
  #flushing = false;

  constructor(options: MemoryLinkOptions) {
    this.#options = options;
    this.#proof = new LinkProof({
      ...options,
      send: (bytes) => this.#send(bytes),
      onProven: (record, early) => {
        this.#up = true;
        clearTimeout(this.#timeout);
        options.onUp(record);
        for (const bytes of early) if (!this.#ended) options.onFrame(bytes);
      },
      onFailed: () => this.end('failed'),
    });
    this.#timeout = setTimeout(() => this.end('failed'), ATTEMPT_TIMEOUT_MS);
  }

  get role(): LinkRole {
    return this.#options.role;
  }

  /** Joins the two ends of the wire. */
  connect(offer: MemoryLink): void {
    if (this.#other !== undefined || offer.#other !== undefined || offer.#ended) return this.end('failed');
    this.#other = offer;
    offer.#other = this;
  }

  /** The answer is back: both ends begin their proof. */
  open(): void {
    const other = this.#other;
    if (other === undefined) return this.end('failed');
    this.#proof.start({ local: this.#certificate, remote: other.#certificate });
    other.#proof.start({ local: other.#certificate, remote: this.#certificate });
  }

  transmit(bytes: Uint8Array): void {
    if (!this.#up || this.#ended) return;
    this.#send(bytes);
    if (this.#congested || this.#buffered <= HIGH_WATER_BYTES) return;
    this.#congested = true;
    queueMicrotask(() => !this.#ended && this.#options.onPressure(true));
  }

  hangUp(): void {
    this.#stop();
    this.#hangingUp = true;
    this.#flushLater();
  }

  end(reason: LinkEndReason): void {
    if (this.#ended) return;
    this.hangUp();
    this.#options.onDown(reason);
  }

  #stop(): void {
    this.#ended = true;
    clearTimeout(this.#timeout);
    this.#proof.cancel();
  }

  #send(bytes: Uint8Array): void {
    this.#outgoing.push(bytes.slice());
    this.#buffered += bytes.length;
    this.#flushLater();
  }

  #flushLater(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    later(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    this.#buffered = 0;
    const other = this.#other;
    for (const bytes of outgoing) if (other !== undefined) other.#receive(bytes);
    if (this.#hangingUp && other !== undefined) other.end(other.#up ? 'closed' : 'failed');
    if (!this.#congested || this.#buffered > LOW_WATER_BYTES) return;
    this.#congested = false;
    if (!this.#ended) this.#options.onPressure(false);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#ended) return;
    if (this.#up) this.#options.onFrame(bytes);
    else this.#proof.receive(bytes);
  }
}

const TOKEN_BYTES = 16;

/** In a later turn of the event loop, after promises have settled. */
function later(act: () => unknown): void {
  setTimeout(act, 0);
}
