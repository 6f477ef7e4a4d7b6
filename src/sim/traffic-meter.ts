/**
 * Counts what travels over links, by looking at the frames themselves: copies of application messages, what answers
 * them, and upkeep. Reads three header bytes at fixed places and nothing else.
 */

import { CONTROL_KINDS } from '../core/wire/control.ts';
import { FRAME_KINDS, SERVICES } from '../core/wire/frame.ts';

const APP_SERVICE = SERVICES.indexOf('app');

export class TrafficMeter {
  /** Copies of application messages over links, retries included. */
  closestCopies = 0;
  directCopies = 0;
  otherCopies = 0;
  /** Receipts, replies and no-route answers over links. */
  acks = 0;
  /** Bytes of copies and acknowledgements, headers included. */
  appBytes = 0;
  /** Everything else: heartbeats, peer lists, lookups, offers. */
  upkeepFrames = 0;
  upkeepBytes = 0;
  /** Messages of flooding nodes and what answers them. */
  noiseFrames = 0;
  /** Says of a routed frame of the application that it belongs to none of the messages that are measured. */
  isNoise: ((bytes: Uint8Array) => boolean) | undefined;

  /** A frame is sent over a link. */
  count(bytes: Uint8Array): void {
    const kind = bytes[1]!;
    if (kind < FRAME_KINDS.neighbour) {
      if (kind !== CONTROL_KINDS.noRoute) this.#countUpkeep(bytes);
      else this.#countAck(bytes);
      return;
    }
    if (bytes[3] !== APP_SERVICE) {
      this.#countUpkeep(bytes);
    } else if (this.isNoise?.(bytes) === true) {
      this.noiseFrames++;
    } else if (kind === FRAME_KINDS.answer) {
      this.#countAck(bytes);
    } else {
      this.appBytes += bytes.length;
      if (kind === FRAME_KINDS.closest) this.closestCopies++;
      else if (kind === FRAME_KINDS.direct) this.directCopies++;
      else this.otherCopies++;
    }
  }

  /** Starts again from nothing. */
  reset(): void {
    this.closestCopies = 0;
    this.directCopies = 0;
    this.otherCopies = 0;
    this.acks = 0;
    this.appBytes = 0;
    this.upkeepFrames = 0;
    this.upkeepBytes = 0;
    this.noiseFrames = 0;
  }

  #countAck(bytes: Uint8Array): void {
    this.acks++;
    this.appBytes += bytes.length;
  }

  #countUpkeep(bytes: Uint8Array): void {
    this.upkeepFrames++;
    this.upkeepBytes += bytes.length;
  }
}
