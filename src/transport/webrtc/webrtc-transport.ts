/** Links over WebRTC data channels. Keeps one `WebRtcLink` for each attempt and stays within the page's budget. */

import { createNanoEvents } from 'nanoevents';
import type { NodeId } from '../../core/id/node-id.ts';
import type { LinkEndReason, LinkId } from '../../core/io.ts';
import type { Identity } from '../../identity/identity.ts';
import type { LinkRole } from '../../identity/link-proof.ts';
import type { Verifier } from '../../identity/verifier.ts';
import type { Transport, TransportEvents } from '../transport.ts';
import { ConnectionBudget } from './connection-budget.ts';
import { WebRtcLink } from './webrtc-link.ts';

export interface WebRtcTransportOptions {
  readonly identity: Identity;
  readonly verifier: Verifier;
  /** STUN and TURN servers for attempts from now on; asked at each attempt, because the signaling server names them. */
  readonly iceServers: () => readonly RTCIceServer[];
}

/** Chromium counts connections for the whole page, so all transports of a page share one budget. */
const pageBudget = new ConnectionBudget();

/** The transport of a page. */
export class WebRtcTransport implements Transport {
  readonly #options: WebRtcTransportOptions;
  readonly #links = new Map<LinkId, WebRtcLink>();
  readonly #events = createNanoEvents<TransportEvents>();
  #closed = false;

  constructor(options: WebRtcTransportOptions) {
    this.#options = options;
  }

  on<Name extends keyof TransportEvents>(name: Name, listener: TransportEvents[Name]): () => void {
    return this.#events.on(name, listener);
  }

  dial(link: LinkId, peer: NodeId): void {
    this.#begin(link, peer, 'offerer');
  }

  accept(link: LinkId, peer: NodeId): void {
    this.#begin(link, peer, 'answerer');
  }

  signal(link: LinkId, data: Uint8Array): void {
    // Out of the caller's stack: a bad signal ends the attempt at once, and events never come inside a call.
    queueMicrotask(() => this.#links.get(link)?.signal(data));
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
    this.#closed = true;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #begin(link: LinkId, peer: NodeId, role: LinkRole): void {
    if (this.#closed || this.#links.has(link)) return;
    if (pageBudget.exhausted) {
      queueMicrotask(() => this.#events.emit('down', link, 'busy'));
      return;
    }
    const { identity, verifier, iceServers } = this.#options;
    const started = new WebRtcLink({
      role,
      peer,
      identity,
      verifier,
      iceServers: iceServers(),
      onSignal: (data) => this.#events.emit('signal', link, data),
      onUp: (record) => this.#events.emit('up', link, record),
      onDown: (reason) => {
        this.#links.delete(link);
        this.#events.emit('down', link, reason);
      },
      onFrame: (bytes) => this.#events.emit('frame', link, bytes),
      onPressure: (congested) => this.#events.emit('pressure', link, congested),
    });
    this.#links.set(link, started);
    if (started.connection !== undefined) pageBudget.add(started.connection);
  }
}
