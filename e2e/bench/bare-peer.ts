/** Runs in a page: a bare simple-peer connection without Hopline around it, to hold a hop against. Built by hop.bench.ts. */

import { createPeer, type Peer } from '../../src/transport/webrtc/simple-peer.ts';

/** One end. Signals are passed by hand. */
export interface BareEnd {
  /** Signals that wait to be fetched, as text. */
  readonly signals: string[];
  signal(text: string): void;
  /** Resolves when the channel is open. */
  readonly open: Promise<void>;
  /** Sends so many bytes, waits for the echo, and says how long that took, ms. */
  ping(bytes: number): Promise<number>;
}

declare global {
  interface Window {
    barePeer: { start(initiator: boolean): BareEnd; end?: BareEnd };
  }
}

function start(initiator: boolean): BareEnd {
  const peer: Peer = createPeer({ initiator, iceServers: [] });
  const signals: string[] = [];
  let heard: (() => void) | undefined;
  peer.on('signal', (signal) => signals.push(JSON.stringify(signal)));
  peer.on('data', (data: Uint8Array) => {
    // The answering end only echoes.
    if (initiator) heard?.();
    else peer.send(data);
  });
  return {
    signals,
    signal: (text) => peer.signal(JSON.parse(text) as never),
    open: new Promise((resolve) => peer.on('connect', () => resolve())),
    ping: (bytes) =>
      new Promise((resolve) => {
        const sentAt = performance.now();
        heard = () => resolve(performance.now() - sentAt);
        peer.send(new Uint8Array(bytes));
      }),
  };
}

window.barePeer = { start };
