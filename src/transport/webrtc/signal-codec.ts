/**
 * Signals between the two ends of an attempt, as compact bytes (an offer with four candidates is about 130 bytes,
 * where its SDP has 1,200). Decoding checks every field and gives `undefined` for anything else. Rules SC7-SC9.
 *
 * signal = head, [setup, ufrag, password, fingerprint 32], count, candidates; texts have a length byte.
 * head = version (high half) and what it is: 0 candidates only, 1 offer, 2 answer.
 * candidate = kind | family << 4, priority 4, port 2, address 4 or 16.
 */

import {
  isPort,
  isPriority,
  type Candidate,
  type CandidateAddress,
  type CandidateKind,
} from './candidate.ts';
import { isDescription, type SessionDescription, type Setup } from './session-description.ts';

export interface Signal {
  /** Absent when candidates come later than the description did. */
  readonly description?: SessionDescription;
  readonly candidates: readonly Candidate[];
}

/** Candidates of one attempt, in all its signals together. */
export const CANDIDATES_MAX = 32;
/** Longer signals are refused unread. */
export const SIGNAL_BYTES_MAX = 1_200;

/** The bytes of a signal. Candidates beyond `CANDIDATES_MAX` are left out. */
export function encodeSignal(signal: Signal): Uint8Array {
  const { description } = signal;
  const candidates = signal.candidates.slice(0, CANDIDATES_MAX);
  const bytes: number[] = [
    (VERSION << 4) | (description === undefined ? 0 : 1 + TYPES.indexOf(description.type)),
  ];
  if (description !== undefined) {
    bytes.push(SETUPS.indexOf(description.setup));
    for (const text of [description.ufrag, description.password]) {
      bytes.push(text.length, ...new TextEncoder().encode(text));
    }
    bytes.push(...description.fingerprint);
  }
  bytes.push(candidates.length);
  for (const { kind, priority, port, address } of candidates) {
    bytes.push(KINDS.indexOf(kind) | (FAMILIES.indexOf(address.family) << 4));
    bytes.push(priority >>> 24, (priority >>> 16) & 255, (priority >>> 8) & 255, priority & 255);
    bytes.push(port >>> 8, port & 255, ...address.bytes);
  }
  return Uint8Array.from(bytes);
}

/** The signal in the bytes, or `undefined`. Never throws. */
export function decodeSignal(bytes: Uint8Array): Signal | undefined {
  if (bytes.length > SIGNAL_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  const head = reader.uint8();
  if (head === undefined || head >> 4 !== VERSION) return undefined;
  const what = head & 15;
  if (what > TYPES.length) return undefined;
  const description = what === 0 ? undefined : readDescription(reader, TYPES[what - 1]!);
  if (what !== 0 && description === undefined) return undefined;
  const candidates = readCandidates(reader);
  if (candidates === undefined || !reader.atEnd) return undefined;
  return description === undefined ? { candidates } : { description, candidates };
}

function readDescription(reader: Reader, type: SessionDescription['type']): SessionDescription | undefined {
  const setup = SETUPS[reader.uint8() ?? SETUPS.length];
  const ufrag = reader.text();
  const password = reader.text();
  const fingerprint = reader.take(32);
  if (setup === undefined || ufrag === undefined || password === undefined || fingerprint === undefined)
    return undefined;
  const description = { type, ufrag, password, fingerprint, setup };
  return isDescription(description) ? description : undefined;
}

function readCandidates(reader: Reader): Candidate[] | undefined {
  const count = reader.uint8();
  if (count === undefined || count > CANDIDATES_MAX) return undefined;
  const candidates: Candidate[] = [];
  for (let i = 0; i < count; i++) {
    const candidate = readCandidate(reader);
    if (candidate === undefined) return undefined;
    candidates.push(candidate);
  }
  return candidates;
}

function readCandidate(reader: Reader): Candidate | undefined {
  const tags = reader.uint8();
  const fixed = reader.take(6);
  if (tags === undefined || fixed === undefined) return undefined;
  const kind = KINDS[tags & 15];
  const family = FAMILIES[tags >> 4];
  if (kind === undefined || family === undefined) return undefined;
  const bytes = reader.take(family === 'ipv4' ? 4 : 16);
  if (bytes === undefined) return undefined;
  const view = new DataView(fixed.buffer, fixed.byteOffset);
  const priority = view.getUint32(0);
  const port = view.getUint16(4);
  if (!isPriority(priority) || !isPort(port)) return undefined;
  return { kind, priority, port, address: { family, bytes } };
}

/** Walks through bytes; every step past the end gives `undefined`. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint8(): number | undefined {
    return this.#bytes[this.#at++];
  }

  take(count: number): Uint8Array | undefined {
    if (this.#at + count > this.#bytes.length) return undefined;
    this.#at += count;
    return this.#bytes.slice(this.#at - count, this.#at);
  }

  /** ASCII behind a length byte; the pattern checks of the caller refuse everything else. */
  text(): string | undefined {
    const length = this.uint8();
    const bytes = length === undefined ? undefined : this.take(length);
    return bytes === undefined ? undefined : String.fromCharCode(...bytes);
  }
}

const VERSION = 1;
const TYPES: readonly SessionDescription['type'][] = ['offer', 'answer'];
const SETUPS: readonly Setup[] = ['actpass', 'active', 'passive'];
const KINDS: readonly CandidateKind[] = ['host', 'srflx', 'prflx', 'relay'];
const FAMILIES: readonly CandidateAddress['family'][] = ['ipv4', 'ipv6', 'mdns'];
