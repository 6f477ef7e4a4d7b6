/** Messages, frames and bytes a second, from the counters of successive snapshots over a sliding window. Pure. */

import type { CountersView } from '../../session/api.ts';

export interface Rates {
  /** Messages of applications sent, delivered here or passed on, a second. */
  readonly messages: number;
  /** Frames of any sort in both directions, a second. */
  readonly frames: number;
  /** Bytes in both directions, a second. */
  readonly bytes: number;
}

interface Sample {
  readonly at: number;
  readonly messages: number;
  readonly frames: number;
  readonly bytes: number;
}

const NO_RATES: Rates = { messages: 0, frames: 0, bytes: 0 };
/** The stretch of time a rate is taken over, ms. */
const WINDOW_MS = 3_000;
/** Samples nearer together than this replace each other, so that the window holds a bounded number. */
const SPACING_MS = 100;

/** Remembers the counters of the last three seconds. */
export class RateMeter {
  #samples: Sample[] = [];

  /** Takes the counters at a time (ms) and returns the rates of the window that ends there. */
  add(at: number, counters: CountersView): Rates {
    const sample: Sample = {
      at,
      messages: counters.sent + counters.delivered + counters.forwarded,
      frames: counters.framesIn + counters.framesOut,
      bytes: counters.bytesIn + counters.bytesOut,
    };
    const newest = this.#samples.at(-1);
    // Counters that went back, or time that did, belong to another node: begin again.
    if (newest !== undefined && (sample.at < newest.at || sample.frames < newest.frames)) this.#samples = [];
    const before = this.#samples.at(-2);
    if (before !== undefined && newest !== undefined && newest.at - before.at < SPACING_MS)
      this.#samples.pop();
    this.#samples.push(sample);
    // One sample older than the window stays: it is where the window begins.
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0] ?? sample;
    const seconds = (at - first.at) / 1000;
    if (seconds <= 0) return NO_RATES;
    return {
      messages: (sample.messages - first.messages) / seconds,
      frames: (sample.frames - first.frames) / seconds,
      bytes: (sample.bytes - first.bytes) / seconds,
    };
  }
}
