/**
 * The few facts of an SDP that a data channel needs, and the template that turns them back into one. Foreign SDP is
 * never handed to the browser: what cannot be said here (media, renegotiation, extra fingerprints) cannot be asked for.
 * Rules SC4-SC6.
 */

import { formatCandidate, type Candidate } from './candidate.ts';

export interface SessionDescription {
  readonly type: 'offer' | 'answer';
  readonly ufrag: string;
  readonly password: string;
  /** SHA-256 of the DTLS certificate, 32 bytes. The browser holds the other end to it; the link proof does not trust it. */
  readonly fingerprint: Uint8Array;
  /** An offer leaves the DTLS role open; an answer takes one. */
  readonly setup: Setup;
}

export type Setup = 'actpass' | 'active' | 'passive';

/** Reads the browser's own description; `undefined` when it is not the kind this transport makes. */
export function parseDescription(type: string, sdp: string): SessionDescription | undefined {
  if (type !== 'offer' && type !== 'answer') return undefined;
  const ufrag = /^a=ice-ufrag:(\S+)\s*$/m.exec(sdp)?.[1] ?? '';
  const password = /^a=ice-pwd:(\S+)\s*$/m.exec(sdp)?.[1] ?? '';
  const setup = /^a=setup:(actpass|active|passive)\s*$/m.exec(sdp)?.[1] ?? '';
  const digest = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/im.exec(sdp)?.[1] ?? '';
  const fingerprint = Uint8Array.from(digest === '' ? [] : digest.split(':'), (pair) =>
    Number.parseInt(pair, 16),
  );
  const description = { type, ufrag, password, fingerprint, setup: setup as Setup } as const;
  return isDescription(description) && /^a=mid:0\s*$/m.test(sdp) ? description : undefined;
}

/** True when every field has the form and length that ICE and DTLS allow, and the role fits the type. */
export function isDescription(description: SessionDescription): boolean {
  const { type, ufrag, password, fingerprint, setup } = description;
  return (
    UFRAG.test(ufrag) &&
    PASSWORD.test(password) &&
    fingerprint.length === 32 &&
    (type === 'offer' ? setup === 'actpass' : setup === 'active' || setup === 'passive')
  );
}

/** The SDP of a connection with one data channel association and nothing else. */
export function buildSdp(description: SessionDescription, candidates: readonly Candidate[]): string {
  const digest = Array.from(description.fingerprint, (byte) =>
    byte.toString(16).padStart(2, '0').toUpperCase(),
  );
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...candidates.map((candidate, i) => `a=${formatCandidate(candidate, i)}`),
    `a=ice-ufrag:${description.ufrag}`,
    `a=ice-pwd:${description.password}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${digest.join(':')}`,
    `a=setup:${description.setup}`,
    'a=mid:0',
    'a=sctp-port:5000',
    `a=max-message-size:${MESSAGE_BYTES_MAX}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** What every browser can take as one message; frames are far shorter. */
const MESSAGE_BYTES_MAX = 262_144;
/** RFC 8839 §5.4 allows 256 characters of each; no browser sends more than 32. */
const UFRAG = /^[A-Za-z0-9+/]{4,64}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,128}$/;
