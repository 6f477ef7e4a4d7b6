/** Puts fragments together. Bounded: the oldest unfinished message gives way. Rules FW8, FW9. */

import { concat } from '../util/pieces.ts';
import { frameBody, type Frame } from '../wire/frame.ts';

interface Parts {
  readonly frames: (Frame | undefined)[];
  count: number;
  expiresAt: number;
}

export interface Whole {
  /** The first fragment: header and auth block of the message. */
  readonly first: Frame;
  readonly body: Uint8Array;
}

export class Reassembly {
  readonly #parts = new Map<string, Parts>();
  readonly #unfinishedMax: number;

  constructor(unfinishedMax: number) {
    this.#unfinishedMax = unfinishedMax;
  }

  get size(): number {
    return this.#parts.size;
  }

  /** Adds a fragment; returns the message when it is whole. Fragments that do not fit together are dropped. */
  add(frame: Frame, now: number): Whole | undefined {
    if (frame.fragments === 1) return { first: frame, body: frameBody(frame) };
    const key = `${frame.message}${frame.kind}`;
    const known = this.#parts.get(key);
    const parts = known ?? this.#open(key, frame, now);
    if (frame.fragments !== parts.frames.length || parts.frames[frame.fragment] !== undefined)
      return undefined;
    parts.frames[frame.fragment] = frame;
    parts.count++;
    if (parts.count < parts.frames.length) return undefined;
    this.#parts.delete(key);
    return join(parts.frames as Frame[]);
  }

  sweep(now: number): void {
    for (const [key, parts] of this.#parts) if (parts.expiresAt <= now) this.#parts.delete(key);
  }

  #open(key: string, frame: Frame, now: number): Parts {
    const parts: Parts = {
      frames: Array.from({ length: frame.fragments }, () => undefined),
      count: 0,
      expiresAt: now + frame.lifeMs,
    };
    this.#parts.set(key, parts);
    for (const oldest of this.#parts.keys()) {
      if (this.#parts.size <= this.#unfinishedMax) break;
      this.#parts.delete(oldest);
    }
    return parts;
  }
}

function join(frames: readonly Frame[]): Whole {
  return { first: frames[0]!, body: concat(frames.map(frameBody)) };
}
