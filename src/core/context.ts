/** What the parts of one node share: who it is, its numbers, the time of the current input, and the way out. */

import type { Admission } from './admission/checker.ts';
import type { OverlayConfig } from './config.ts';
import type { NodeEvent } from './events.ts';
import type { Geometry } from './geometry/geometry.ts';
import type { CryptoRequest, CryptoResult, JobId, Output } from './io.ts';
import type { Ports } from './ports.ts';
import type { Counters } from './snapshot.ts';
import type { Contact } from './wire/contact.ts';

export type MutableCounters = { -readonly [Name in keyof Counters]: number };

export interface NodeContext {
  readonly self: Contact;
  readonly config: OverlayConfig;
  readonly ports: Ports;
  readonly geometry: Geometry;
  /** Decides who has to work; absent in a node that asks for no work. */
  readonly admission: Admission | undefined;
  readonly counters: MutableCounters;
  /** Time of the input being handled, ms. */
  now: number;
  output(output: Output): void;
  event(event: NodeEvent): void;
  /** Asks for a crypto job; `done` runs inside a later input. */
  crypto(request: CryptoRequest, done: (result: CryptoResult) => void): JobId;
}

export function createCounters(): MutableCounters {
  return {
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    sent: 0,
    delivered: 0,
    forwarded: 0,
    transmissions: 0,
    acks: 0,
    retries: 0,
    duplicates: 0,
    droppedForwarded: 0,
    droppedOwn: 0,
    malformed: 0,
    dials: 0,
    dialsFailed: 0,
  };
}
