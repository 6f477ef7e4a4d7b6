/** simple-peer, built from source, with the parts of it that its own API leaves out but a link needs to see. */

import './process-shim.ts';
import SimplePeer from 'simple-peer';

/** What simple-peer keeps to itself. Both are null once the peer is destroyed. */
export interface PeerInternals {
  readonly _pc: RTCPeerConnection | null | undefined;
  readonly _channel: RTCDataChannel | null | undefined;
}

export type Peer = SimplePeer.Instance & PeerInternals;

/** The signals that a data channel without renegotiation makes. */
export type PeerSignal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: { readonly candidate: string } }
  | { readonly type: 'renegotiate' | 'transceiverRequest' };

/** True where the browser has WebRTC. */
export const hasWebRtc = (): boolean => SimplePeer.WEBRTC_SUPPORT;

/**
 * Starts one end of a connection with one channel. The channel is negotiated (both ends know its number), so neither
 * waits for an announcement. Objects instead of a byte stream: message boundaries are kept.
 */
export function createPeer(options: {
  readonly initiator: boolean;
  readonly iceServers: readonly RTCIceServer[];
}): Peer {
  return new SimplePeer({
    initiator: options.initiator,
    objectMode: true,
    trickle: true,
    channelName: 'hopline',
    channelConfig: { negotiated: true, id: 0 },
    // Always given: simple-peer's own default names two public servers.
    config: { iceServers: [...options.iceServers] },
  } as SimplePeer.Options) as Peer;
}
