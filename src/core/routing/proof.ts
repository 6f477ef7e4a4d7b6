/**
 * Before a node goes beyond its duty for a message, it checks that the message is as its origin signed it: an altered
 * copy would cost the network many others. Rule FW36.
 */

import type { Frame } from '../wire/frame.ts';
import type { Step } from './next-step.ts';
import type { Trail, Trails } from './trails.ts';

export interface ProofHooks {
  /** Is the message as its origin signed it? */
  verify(frame: Frame, done: (valid: boolean) => void): void;
  /** The first frame of a message that can be tried again. */
  firstFrame(trail: Trail): Frame | undefined;
  /** The message is not what its origin signed, or nothing is left to check. */
  disown(trail: Trail): void;
}

export class Proof {
  readonly #trails: Trails;
  readonly #hooks: ProofHooks;

  constructor(trails: Trails, hooks: ProofHooks) {
    this.#trails = trails;
    this.#hooks = hooks;
  }

  /** Goes on when the message is as its origin signed it; if not, or if nothing is left to check, it was never here. */
  whenProven(trail: Trail, then: () => void): void {
    const frame = this.#hooks.firstFrame(trail);
    if (trail.proven || frame === undefined) {
      if (trail.proven) then();
      else this.#hooks.disown(trail);
      return;
    }
    this.#hooks.verify(frame, (valid) => {
      if (trail.settled || this.#trails.get(trail.message) !== trail) return;
      trail.proven = valid;
      if (valid) then();
      else this.#hooks.disown(trail);
    });
  }
}

/** True for all but the first copy on its way downhill, and for what ends here, which its receiver checks. */
export function isBeyondDuty(step: Step): boolean {
  return step.to === 'peer' ? !step.isDownhill : step.to !== 'self';
}

/** A ping mostly asks after a node that is gone, and is not worth it. Of several fragments nothing is kept to check. */
export function needsProof({ proven, service, frames }: Trail): boolean {
  return !proven && service !== 'ping' && frames.length > 0;
}
