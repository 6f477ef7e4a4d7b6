/**
 * Signal envelopes: what two nodes tell each other to set up a link, through the server or sealed through the overlay.
 * Layout: version 1, type 1, flags 1, attempt 8, sender's record 134, the transport's own data. Rules WR20-WR22.
 */

import { CONTACT_BYTES } from './contact.ts';

const VERSION = 1;
export const ATTEMPT_BYTES = 8;
const DATA_AT = 3 + ATTEMPT_BYTES + CONTACT_BYTES;
/** An offer or answer with its candidates. */
export const SIGNAL_BYTES_MAX = 8 * 1024;

export const ENVELOPE_TYPES = ['offer', 'answer', 'busy', 'crossed', 'work'] as const;
export type EnvelopeType = (typeof ENVELOPE_TYPES)[number];
const FLAG_JOINING = 1;

export interface Envelope {
  /** `offer`: from the side that dialled. `answer`: from the side that was dialled. `busy` and `crossed` refuse an offer, `work` asks for work first. */
  readonly type: EnvelopeType;
  /** The sender has no link yet, and so cannot go elsewhere. */
  readonly joining: boolean;
  /** Names the attempt for both sides; chosen by the one that dials. Of an offer that comes again after `work`: the solution. */
  readonly attempt: Uint8Array;
  readonly record: Uint8Array;
  /** The transport's own; of `work` the demand (33 bytes). */
  readonly data: Uint8Array;
}

export function writeEnvelope(envelope: Envelope): Uint8Array {
  const bytes = new Uint8Array(DATA_AT + envelope.data.length);
  bytes[0] = VERSION;
  bytes[1] = ENVELOPE_TYPES.indexOf(envelope.type);
  bytes[2] = envelope.joining ? FLAG_JOINING : 0;
  bytes.set(envelope.attempt, 3);
  bytes.set(envelope.record, 3 + ATTEMPT_BYTES);
  bytes.set(envelope.data, DATA_AT);
  return bytes;
}

/** Reads an envelope, or returns `undefined`. Never throws. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length < DATA_AT || bytes.length > DATA_AT + SIGNAL_BYTES_MAX || bytes[0] !== VERSION)
    return undefined;
  const type = ENVELOPE_TYPES[bytes[1]!];
  if (type === undefined || bytes[2]! > FLAG_JOINING) return undefined;
  return {
    type,
    joining: bytes[2] === FLAG_JOINING,
    attempt: bytes.slice(3, 3 + ATTEMPT_BYTES),
    record: bytes.slice(3 + ATTEMPT_BYTES, DATA_AT),
    data: bytes.slice(DATA_AT),
  };
}
