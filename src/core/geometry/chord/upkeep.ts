/**
 * Which lookups a node on a ring needs: one of its own id, which its successor answers with everybody around, and one for
 * where each finger that points beyond its successors begins (`fix_fingers` of Chord, Stoica et al. 2001, figure 6).
 * Slots are exponents; the slot of all the bits is the own id's. Rules CH18-CH21.
 */

import type { NodeId } from '../../id/node-id.ts';
import { isWithin, plusPower } from '../../id/ring.ts';
import { sameId } from '../../id/node-id.ts';
import type { Gap } from '../../snapshot.ts';
import type { LookupTask } from '../geometry.ts';
import type { Neighbourhood } from './neighbourhood.ts';

/** A lookup that nobody reported back about is taken for lost after this. */
const LOOKUP_EXPIRY_MS = 10_000;
/** A failed lookup is tried again after this, doubling up to the maximum. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
/** The own id is looked up again this soon while the lists are too short, doubling up to the maximum above. */
const SHORT_MS_MIN = 100;
/** So many answers may be hearsay before a ring is begun with whom they named. */
const PATIENT_ANSWERS = 3;
/** A node looks around itself again this soon after it got in, in case others got in beside it; then ever less often. */
const RECHECK_MS = 2_000;
const RECHECK_FACTOR = 5;
/** Two rings that met again are taken to have become one after this. */
const MERGED_MS = 10_000;

/** The lookup that serves a finger, or the two lists. */
interface LookupState {
  gap: Gap;
  pendingUntil: number;
  /** A contact was lost after the lookup began, so its answer proves nothing. */
  spoiled: boolean;
  failures: number;
  answers: number;
  retryAt: number;
  doneAt: number;
}

export class RingUpkeep {
  readonly #self: NodeId;
  readonly #bits: number;
  readonly #neighbourhood: Neighbourhood;
  readonly #refreshMs: number;
  readonly #states = new Map<number, LookupState>();
  #fingers: readonly number[] = [];
  #fingersBeyond: NodeId | undefined;
  /** Answers in a row that were hearsay. */
  #hearsays = 0;

  constructor(self: NodeId, neighbourhood: Neighbourhood, refreshMs: number) {
    this.#self = self;
    this.#bits = 8 * self.length;
    this.#neighbourhood = neighbourhood;
    this.#refreshMs = refreshMs;
  }

  /** Exponents of the fingers that point beyond the successors, the shortest first. */
  fingers(): readonly number[] {
    const { isWhole, upTo } = this.#neighbourhood;
    if (isWhole || sameId(upTo, this.#self)) return [];
    // Asked after every input; the end of the list moves seldom.
    if (upTo !== this.#fingersBeyond) {
      this.#fingersBeyond = upTo;
      this.#fingers = this.#exponentsBeyond(upTo);
    }
    return this.#fingers;
  }

  #exponentsBeyond(upTo: NodeId): readonly number[] {
    const exponents: number[] = [];
    for (let exponent = this.#bits - 1; exponent >= 0; exponent--) {
      if (isWithin(plusPower(this.#self, exponent), this.#self, upTo)) break;
      exponents.push(exponent);
    }
    return exponents.reverse();
  }

  gapOf(slot: number): Gap {
    return this.#states.get(slot)?.gap ?? 'not-looked-up';
  }

  /** Why the two lists may lack nodes. They are filled by lookups and by what neighbours tell over links. */
  get listGap(): Gap {
    const gap = this.gapOf(this.#bits);
    if (!this.#neighbourhood.isComplete) return gap === 'none' ? 'contact-lost' : gap;
    return gap === 'contact-lost' && !this.#stateOf(this.#bits).spoiled ? 'none' : gap;
  }

  get isComplete(): boolean {
    return this.listGap === 'none' && this.fingers().every((exponent) => this.gapOf(exponent) === 'none');
  }

  /** The first contact of a finger's interval is gone, or too few are in the lists (`exponent` undefined). */
  onLost(exponent: number | undefined): number {
    const slot = exponent ?? this.#bits;
    const state = this.#stateOf(slot);
    if (state.gap === 'none') state.gap = 'contact-lost';
    state.spoiled = true;
    state.retryAt = -Infinity;
    return slot;
  }

  targetOf(slot: number): NodeId {
    return slot === this.#bits ? this.#self : plusPower(this.#self, slot);
  }

  due(now: number): LookupTask[] {
    return this.#slots()
      .filter((slot) => this.#dueAt(slot) <= now)
      .map((slot) => {
        const state = this.#stateOf(slot);
        state.pendingUntil = now + LOOKUP_EXPIRY_MS;
        state.spoiled = false;
        return { slot, target: this.targetOf(slot) };
      });
  }

  /** Notes the end of a lookup. */
  done(slot: number, now: number, ok: boolean): void {
    if (!(slot >= 0 && slot <= this.#bits)) return;
    const state = this.#stateOf(slot);
    state.pendingUntil = -Infinity;
    if (!ok) {
      state.retryAt = now + Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** state.failures);
      state.failures = Math.min(state.failures + 1, 16);
      return;
    }
    state.answers++;
    if (slot === this.#bits && !this.#isListed()) {
      // Whoever it named is known by now: the next answer can be taken over.
      state.retryAt = now + Math.min(RETRY_MS_MAX, SHORT_MS_MIN * 2 ** state.failures);
      state.failures = Math.min(state.failures + 1, 16);
      return;
    }
    state.failures = 0;
    state.retryAt = -Infinity;
    state.doneAt = now;
    if (!state.spoiled) state.gap = 'none';
  }

  /** Somebody answered a lookup of the own id: with what it is certain of there, or with hearsay. */
  onNamed(isCertain: boolean): void {
    this.#hearsays = isCertain ? 0 : this.#hearsays + 1;
  }

  /**
   * Rule CM10: where nobody is certain of anything, a ring begins. Several nodes that start together get in so, and those
   * of a crowd that squeezes between two members in such numbers that neither knows both ends of it.
   */
  #isListed(): boolean {
    if (this.#hearsays > PATIENT_ANSWERS) this.#neighbourhood.begin();
    return this.#neighbourhood.isComplete;
  }

  /**
   * Rule CH27: two rings that have met again each fill the other's gaps from neighbour to neighbour. The own id is looked
   * up at once and ever less often, as after joining; the fingers once, when that is done.
   */
  lookUpAgain(now: number): void {
    for (const [slot, state] of this.#states) {
      if (slot === this.#bits) state.answers = 0;
      else state.doneAt = Math.min(state.doneAt, now + MERGED_MS - this.#refreshMs);
    }
  }

  nextAt(): number {
    return Math.min(...this.#slots().map((slot) => this.#dueAt(slot)));
  }

  /** The own id first: until the successor has answered, nobody knows which fingers there are. */
  #slots(): number[] {
    return [this.#bits, ...this.fingers()];
  }

  #dueAt(slot: number): number {
    const { doneAt, answers, pendingUntil, retryAt } = this.#stateOf(slot);
    const gap = slot === this.#bits ? this.listGap : this.gapOf(slot);
    const again = slot === this.#bits ? RECHECK_MS * RECHECK_FACTOR ** Math.min(answers - 1, 8) : Infinity;
    const wantedAt = gap === 'none' ? doneAt + Math.min(this.#refreshMs, again) : -Infinity;
    return Math.max(0, wantedAt, pendingUntil, retryAt);
  }

  #stateOf(slot: number): LookupState {
    let state = this.#states.get(slot);
    if (state === undefined) {
      state = {
        gap: 'not-looked-up',
        pendingUntil: -Infinity,
        spoiled: false,
        failures: 0,
        answers: 0,
        retryAt: -Infinity,
        doneAt: -Infinity,
      };
      this.#states.set(slot, state);
    }
    return state;
  }
}
