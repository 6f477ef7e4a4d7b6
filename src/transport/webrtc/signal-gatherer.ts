/**
 * Collects what the browser has to say about its end of an attempt and sends it in as few signals as possible: the
 * description with the candidates known shortly after the first one, and later candidates together.
 */

import { parseCandidate, type Candidate } from './candidate.ts';
import { parseDescription, type SessionDescription } from './session-description.ts';
import { CANDIDATES_MAX, encodeSignal } from './signal-codec.ts';

/** Browsers name all local candidates within a few ms, but report the end of gathering only 100 ms later. */
const FIRST_BATCH_MS = 20;
/** Candidates found with the help of a server come one round trip apart. */
const LATER_BATCH_MS = 100;
/** The description leaves without any candidate after this long. */
const BATCH_MS_MAX = 1_000;

/** One end's outgoing signals. */
export class SignalGatherer {
  readonly #send: (signal: Uint8Array) => void;
  #description: SessionDescription | undefined;
  #descriptionSent = false;
  #complete = false;
  #candidates: Candidate[] = [];
  #taken = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (signal: Uint8Array) => void) {
    this.#send = send;
  }

  /** The certificate hash that this end announced and therefore uses; `undefined` before the description is known. */
  get ownFingerprint(): Uint8Array | undefined {
    return this.#description?.fingerprint;
  }

  /** Takes the browser's description; false when it is not one this transport can carry. */
  describe(type: string, sdp: string): boolean {
    this.#description = parseDescription(type, sdp);
    if (this.#description === undefined) return false;
    // Candidates that were gathered before the description came are in it already.
    for (const line of sdp.match(/^a=candidate:.*$/gm) ?? []) this.addCandidate(line);
    if (this.#complete) this.#flush();
    else this.#deadline = setTimeout(() => this.#flush(), BATCH_MS_MAX);
    return true;
  }

  /** Takes one candidate line; what cannot serve, and what is too much, is left out. */
  addCandidate(line: string): void {
    const candidate = parseCandidate(line);
    if (candidate === undefined || this.#taken >= CANDIDATES_MAX) return;
    this.#taken++;
    this.#candidates.push(candidate);
    this.#timer ??= setTimeout(() => this.#flush(), this.#descriptionSent ? LATER_BATCH_MS : FIRST_BATCH_MS);
  }

  /** The browser has found all its candidates. */
  complete(): void {
    this.#complete = true;
    this.#flush();
  }

  /** Stops the timers. */
  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
  }

  #flush(): void {
    if (this.#description === undefined) return;
    this.stop();
    this.#timer = undefined;
    const candidates = this.#candidates;
    this.#candidates = [];
    if (!this.#descriptionSent) {
      this.#descriptionSent = true;
      this.#send(encodeSignal({ description: this.#description, candidates }));
    } else if (candidates.length > 0) {
      this.#send(encodeSignal({ candidates }));
    }
  }
}
