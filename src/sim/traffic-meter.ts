/**
 * Counts what travels over links, by looking at the frames themselves: copies of application messages, what answers
 * them, and upkeep. Reads three header bytes at fixed places and nothing else.
 */

import { CONTROL_KINDS } from '../core/wire/control.ts';
import { FRAME_KINDS, SERVICES } from '../core/wire/frame.ts';

const APP_SERVICE = SERVICES.indexOf('app');
const STORE_SERVICE = SERVICES.indexOf('store');
const RING_SERVICE = SERVICES.indexOf('ring');
/** From here on services carry messages of the application inside others: copies for groups and for everybody. */
const WRAPPED_SERVICES = SERVICES.indexOf('group');

export class TrafficMeter {
  /** Copies of application messages over links, retries included. */
  closestCopies = 0;
  directCopies = 0;
  otherCopies = 0;
  /** Receipts, replies, no-route answers and signs of progress over links. */
  acks = 0;
  /** Bytes of copies and acknowledgements, headers included. */
  appBytes = 0;
  /** Everything else: heartbeats, peer lists, lookups, offers. */
  upkeepFrames = 0;
  upkeepBytes = 0;
  /** Requests to the stores of nodes, a ring's own operations among them, and their answers, on every link that they pass. */
  storeFrames = 0;
  storeBytes = 0;
  /** Messages of flooding nodes and what answers them. */
  noiseFrames = 0;
  /** Says of a routed frame of the application that it belongs to none of the messages that are measured. */
  isNoise: ((bytes: Uint8Array) => boolean) | undefined;
  readonly #appMessages = new Set<number>();

  /** A frame is sent over a link. */
  count(bytes: Uint8Array): void {
    const kind = bytes[1]!;
    if (kind < FRAME_KINDS.neighbour) {
      // A no-route names its message at once, the first mark of a progress frame after its stage.
      const at = kind === CONTROL_KINDS.noRoute ? 2 : kind === CONTROL_KINDS.progress ? 3 : -1;
      if (at >= 0 && this.#isAboutApp(bytes, at)) this.#countAck(bytes);
      else this.#countUpkeep(bytes);
      return;
    }
    const service = bytes[3]!;
    if (service === STORE_SERVICE || service === RING_SERVICE) {
      this.storeFrames++;
      this.storeBytes += bytes.length;
      return;
    }
    if (service !== APP_SERVICE && service < WRAPPED_SERVICES) {
      this.#countUpkeep(bytes);
    } else if (this.isNoise?.(bytes) === true) {
      this.noiseFrames++;
    } else if (kind === FRAME_KINDS.answer) {
      this.#countAck(bytes);
    } else {
      this.appBytes += bytes.length;
      this.#appMessages.add(wordAt(bytes, MESSAGE_AT));
      if (service !== APP_SERVICE) this.otherCopies++;
      else if (kind === FRAME_KINDS.closest) this.closestCopies++;
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
    this.storeFrames = 0;
    this.storeBytes = 0;
    this.noiseFrames = 0;
    this.#appMessages.clear();
  }

  /** True when a message named in a control frame is one of the application: the first 32 bits of its id tell. */
  #isAboutApp(bytes: Uint8Array, at: number): boolean {
    return this.#appMessages.has(wordAt(bytes, at));
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

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Where the message id of a routed frame begins. */
const MESSAGE_AT = 12;
