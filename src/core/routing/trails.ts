/**
 * Where each message came from and where it went: the way back for answers, and what a second try needs. Rules FW6,
 * FW12. Bounded in number and in bytes; the oldest give way first.
 */

import type { OverlayConfig } from '../config.ts';
import type { LinkId } from '../io.ts';
import type { Frame, FrameService } from '../wire/frame.ts';

/** No link: as `from` it means that this node is the origin. */
export const NO_LINK: LinkId = 0;

/** One copy of a message on its way. */
export interface Try {
  readonly link: LinkId;
  /** What of the budget went with it and did not come back. */
  given: number;
  readonly sentAt: number;
  /** When waiting for a sign of progress ends; `Infinity` when it was passed on, or is waited for no longer. */
  dueAt: number;
  /** Its receiver said that it has it. */
  isGot: boolean;
  /** The node behind its receiver has it. */
  isPassed: boolean;
  /** It showed no progress in time, or no answer came of it: others are tried as well. */
  isSilent: boolean;
}

export interface Trail {
  readonly message: string;
  readonly service: FrameService;
  /** Where it came from, and so where its answer goes. */
  from: LinkId;
  /** Copies that may still bring an answer, the latest last. */
  tries: Try[];
  /** Every link it was sent over. */
  tried: readonly LinkId[];
  /** Entries of the visited list that failed tries brought back. */
  visited: readonly Uint8Array[];
  /** The frames for another try: of a foreign message only when it is whole in one; none once it is settled. */
  frames: readonly Uint8Array[];
  /** An answer that was refused because somebody nearer is known: better than none in the end. */
  refused: Frame | undefined;
  /** Copies that may still be sent from here. */
  budget: number;
  readonly expiresAt: number;
  /** An answer passed, or the message ended here. */
  settled: boolean;
  /** Its answer went back from here. */
  answered: boolean;
  /** Copies that somebody altered behind this node. */
  rejections: number;
  /** It is as its origin signed it: this node sent it, or checked. */
  proven: boolean;
  /** Nothing is left to try here: the hop before knows. */
  exhausted: boolean;
  /** Waits for the application, which may answer it on the way. */
  held: boolean;
}

/** The trail of a message that has just come, or is about to set out. */
export function trailOf(
  { message, service, budget, lifeMs }: Frame,
  from: LinkId,
  frames: readonly Uint8Array[],
  { now, config }: { readonly now: number; readonly config: OverlayConfig },
): Trail {
  return {
    message,
    service,
    from,
    tries: NO_TRIES,
    tried: NO_LINKS,
    visited: NO_FRAMES,
    frames,
    refused: undefined,
    budget: Math.min(budget, config.transmissionsMax),
    expiresAt: now + Math.min(lifeMs, config.messageLifeMsMax),
    settled: false,
    answered: false,
    rejections: 0,
    proven: from === NO_LINK,
    exhausted: false,
    held: false,
  };
}

export class Trails {
  readonly #byMessage = new Map<string, Trail>();
  /** Foreign messages whose frames are kept for another try, oldest first; some were let go meanwhile. */
  #repeatable: Trail[] = [];
  /** Before this place in `repeatable` all were let go. */
  #oldestKept = 0;
  #bytes = 0;
  readonly #config: OverlayConfig;

  constructor(config: OverlayConfig) {
    this.#config = config;
  }

  get size(): number {
    return this.#byMessage.size;
  }

  get(message: string): Trail | undefined {
    return this.#byMessage.get(message);
  }

  values(): IterableIterator<Trail> {
    return this.#byMessage.values();
  }

  /** Adds a trail and returns those that had to give way without being settled. */
  add(trail: Trail): Trail[] {
    const replaced = this.#byMessage.get(trail.message);
    if (replaced !== undefined) this.#remove(replaced);
    this.#byMessage.set(trail.message, trail);
    if (trail.frames.length > 0) {
      this.#bytes += bytesOf(trail);
      if (trail.from !== NO_LINK) this.#keep(trail);
      if (this.#bytes > this.#config.trailBytesMax) this.#dropFrames(trail);
    }
    return this.#byMessage.size > this.#config.trailsMax ? this.#makeRoom() : NO_TRAILS;
  }

  /** Marks a trail as settled and lets its frames go; the way back stays known. */
  settle(trail: Trail): void {
    trail.settled = true;
    this.#release(trail);
  }

  /** The message was never here. */
  forget(trail: Trail): void {
    this.#remove(trail);
  }

  /** Forgets trails whose life is over, oldest first; stops at the first living one. */
  sweep(now: number): void {
    for (const oldest of this.#byMessage.values()) {
      if (oldest.expiresAt > now) return;
      this.#remove(oldest);
    }
  }

  #remove(trail: Trail): void {
    this.#byMessage.delete(trail.message);
    this.#release(trail);
  }

  #release(trail: Trail): void {
    if (trail.frames.length > 0) {
      this.#bytes -= bytesOf(trail);
      trail.frames = NO_FRAMES;
    }
    trail.refused = undefined;
  }

  #keep(trail: Trail): void {
    this.#repeatable.push(trail);
    if (this.#repeatable.length <= 2 * this.#byMessage.size + 64) return;
    this.#repeatable = this.#repeatable.filter(({ frames }) => frames.length > 0);
    this.#oldestKept = 0;
  }

  /** A few more than needed give way at once: looking for the oldest of a map costs as much as many removals. */
  #makeRoom(): Trail[] {
    const { trailsMax } = this.#config;
    const lost: Trail[] = [];
    for (const oldest of this.#byMessage.values()) {
      if (this.#byMessage.size <= trailsMax - (trailsMax >> 6)) break;
      this.#remove(oldest);
      if (!oldest.settled) lost.push(oldest);
    }
    return lost;
  }

  /** Gives up second tries of the oldest foreign messages until the bytes fit again. */
  #dropFrames(newest: Trail): void {
    while (this.#bytes > this.#config.trailBytesMax) {
      const trail = this.#repeatable[this.#oldestKept];
      if (trail === undefined || trail === newest) return;
      this.#release(trail);
      this.#oldestKept++;
    }
  }
}

const NO_FRAMES: readonly Uint8Array[] = [];
const NO_LINKS: readonly LinkId[] = [];
const NO_TRIES: Try[] = [];
const NO_TRAILS: Trail[] = [];

function bytesOf({ frames }: Trail): number {
  let bytes = 0;
  for (let i = 0; i < frames.length; i++) bytes += frames[i]!.length;
  return bytes;
}
