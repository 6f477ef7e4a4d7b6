/**
 * One attempt and, if it succeeds, one link: a simple-peer connection from the first signal to the close. Opens the
 * channel, runs the link proof over it, then moves frames. Never throws at its owner and reports its end exactly once.
 */

import type { NodeId } from '../../core/id/node-id.ts';
import type { LinkEndReason } from '../../core/io.ts';
import { hash } from '../../identity/hash.ts';
import type { Identity } from '../../identity/identity.ts';
import { LinkProof, type LinkRole } from '../../identity/link-proof.ts';
import type { Verifier } from '../../identity/verifier.ts';
import { ATTEMPT_TIMEOUT_MS, HIGH_WATER_BYTES, LINGER_MS, LOW_WATER_BYTES } from '../transport.ts';
import { buildSdp } from './session-description.ts';
import { formatCandidate } from './candidate.ts';
import { CANDIDATES_MAX, decodeSignal } from './signal-codec.ts';
import { SignalGatherer } from './signal-gatherer.ts';
import { createPeer, type Peer, type PeerSignal } from './simple-peer.ts';

export interface WebRtcLinkOptions {
  readonly role: LinkRole;
  /** The id that the other end must prove. */
  readonly peer: NodeId;
  readonly identity: Identity;
  readonly verifier: Verifier;
  readonly iceServers: readonly RTCIceServer[];
  readonly onSignal: (data: Uint8Array) => void;
  readonly onUp: (record: Uint8Array) => void;
  readonly onDown: (reason: LinkEndReason) => void;
  readonly onFrame: (bytes: Uint8Array) => void;
  readonly onPressure: (congested: boolean) => void;
}

/** opening: until the channel is open and proven. ended: reported or hung up; nothing is told any more. */
type State = 'opening' | 'up' | 'ended';

/** One end of one link. Construction starts it. */
export class WebRtcLink {
  readonly #options: WebRtcLinkOptions;
  readonly #peer: Peer;
  readonly #gatherer: SignalGatherer;
  readonly #proof: LinkProof;
  readonly #timeout: ReturnType<typeof setTimeout>;
  #state: State = 'opening';
  #described = false;
  #remoteCandidates = 0;
  /** Candidates that arrived before the description they belong to. */
  #waiting: string[] = [];
  #congested = false;

  constructor(options: WebRtcLinkOptions) {
    this.#options = options;
    this.#gatherer = new SignalGatherer((signal) => {
      if (this.#state === 'opening') options.onSignal(signal);
    });
    this.#proof = new LinkProof({
      role: options.role,
      identity: options.identity,
      peer: options.peer,
      verifier: options.verifier,
      send: (bytes) => this.#send(bytes),
      onProven: (record, early) => this.#onProven(record, early),
      onFailed: () => this.#end('failed'),
    });
    this.#timeout = setTimeout(() => this.#end('failed'), ATTEMPT_TIMEOUT_MS);
    this.#peer = createPeer({ initiator: options.role === 'offerer', iceServers: options.iceServers });
    this.#listen();
  }

  /** The browser's connection, for counting; `undefined` when it could not be made. */
  get connection(): RTCPeerConnection | undefined {
    return this.#peer._pc ?? undefined;
  }

  /** A signal from the other end. One description, then candidates; anything else ends the attempt. */
  signal(data: Uint8Array): void {
    if (this.#state !== 'opening') return;
    const signal = decodeSignal(data);
    if (signal === undefined) return this.#end('failed');
    this.#remoteCandidates += signal.candidates.length;
    if (this.#remoteCandidates > CANDIDATES_MAX) return this.#end('failed');
    const { description } = signal;
    if (description === undefined) {
      this.#addCandidates(signal.candidates.map(formatCandidate));
      return;
    }
    const expected = this.#options.role === 'offerer' ? 'answer' : 'offer';
    if (this.#described || description.type !== expected) return this.#end('failed');
    this.#described = true;
    this.#handToPeer({ type: description.type, sdp: buildSdp(description, signal.candidates) });
    this.#addCandidates(this.#waiting);
    this.#waiting = [];
  }

  /** Sends a frame; the channel copies it. Dropped unless the link is up. */
  transmit(bytes: Uint8Array): void {
    if (this.#state !== 'up' || !this.#send(bytes)) return;
    const channel = this.#peer._channel;
    if (this.#congested || !channel || channel.bufferedAmount <= HIGH_WATER_BYTES) return;
    this.#congested = true;
    queueMicrotask(() => {
      if (this.#state === 'up') this.#options.onPressure(true);
    });
  }

  /** Ends it from this side. Nothing is reported; what was sent before gets `LINGER_MS` to leave. */
  hangUp(): void {
    const wasUp = this.#state === 'up';
    this.#stop();
    if (wasUp) this.#linger();
    else this.#peer.destroy();
  }

  /** Ends it at once. */
  close(): void {
    this.#stop();
    this.#peer.destroy();
  }

  #listen(): void {
    const peer = this.#peer;
    peer.on('signal', (signal) => this.#onSignal(signal as PeerSignal));
    peer.on('iceStateChange', (_connection: string, gathering: string) => {
      if (gathering === 'complete') this.#gatherer.complete();
    });
    // Not simple-peer's `connect`: that waits for statistics first, up to 100 ms after the channel is open.
    peer._channel?.addEventListener('open', () => this.#onOpen());
    peer.on('data', (data: unknown) => this.#onData(data));
    // Every error is followed by `close`; without a listener it would surface as an unhandled one.
    peer.on('error', () => {});
    peer.on('close', () => this.#end(this.#state === 'up' ? 'closed' : 'failed'));
    // The only channel is the negotiated one. A peer that opens more of them wastes memory nobody asked it to.
    peer._pc?.addEventListener('datachannel', ({ channel }) => {
      channel.close();
      this.#end('abuse');
    });
  }

  #onSignal(signal: PeerSignal): void {
    if (this.#state !== 'opening') return;
    if (signal.type === 'candidate') this.#gatherer.addCandidate(signal.candidate.candidate);
    else if (signal.type === 'offer' || signal.type === 'answer') {
      if (!this.#gatherer.describe(signal.type, signal.sdp)) this.#end('failed');
    } else this.#end('failed');
  }

  #onOpen(): void {
    const local = this.#gatherer.ownFingerprint;
    const certificate = this.#peer._pc?.sctp?.transport.getRemoteCertificates()[0];
    if (local === undefined || certificate === undefined) return this.#end('failed');
    this.#proof.start({ local, remote: hash(new Uint8Array(certificate)) });
  }

  #onProven(record: Uint8Array, early: readonly Uint8Array[]): void {
    const channel = this.#peer._channel;
    if (this.#state !== 'opening' || !channel) return;
    this.#state = 'up';
    clearTimeout(this.#timeout);
    this.#gatherer.stop();
    // Only `send` is used, never the stream's `write`, whose back-pressure counts on simple-peer's own threshold.
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    channel.addEventListener('bufferedamountlow', () => {
      if (!this.#congested) return;
      this.#congested = false;
      if (this.#state === 'up') this.#options.onPressure(false);
    });
    this.#options.onUp(record);
    for (const bytes of early) if (this.#isUp()) this.#options.onFrame(bytes);
  }

  #onData(data: unknown): void {
    if (this.#state === 'ended') return;
    if (!(data instanceof Uint8Array)) return this.#end(this.#state === 'up' ? 'abuse' : 'failed');
    // simple-peer gives Node-style buffers, whose `slice` shares memory where everybody expects a copy.
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (this.#state === 'up') this.#options.onFrame(bytes);
    else this.#proof.receive(bytes);
  }

  #addCandidates(lines: readonly string[]): void {
    if (!this.#described) {
      this.#waiting.push(...lines);
      return;
    }
    for (const candidate of lines) {
      this.#handToPeer({ candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } });
    }
  }

  #handToPeer(signal: object): void {
    try {
      this.#peer.signal(signal as never);
    } catch {
      this.#end('failed');
    }
  }

  /** False when the channel is closing, or refuses because far too much is queued. The `close` event follows. */
  #send(bytes: Uint8Array): boolean {
    try {
      this.#peer.send(bytes);
      return true;
    } catch {
      this.#peer.destroy();
      return false;
    }
  }

  #isUp(): boolean {
    return this.#state === 'up';
  }

  #end(reason: LinkEndReason): void {
    if (this.#state === 'ended') return;
    this.close();
    this.#options.onDown(reason);
  }

  #stop(): void {
    this.#state = 'ended';
    clearTimeout(this.#timeout);
    this.#gatherer.stop();
    this.#proof.cancel();
  }

  /** Closing the channel, unlike closing the connection, lets everything queued go out before the other end sees it. */
  #linger(): void {
    try {
      this.#peer._channel?.close();
    } catch {
      // Closed by the other side in the same moment.
    }
    setTimeout(() => this.#peer.destroy(), LINGER_MS);
  }
}
