/**
 * Whose keys are whose, as a claim that changes hands by messages, and never because a table changed: tables of different
 * nodes differ for a while, and two nodes would take the same key for theirs. A node owns (after, self] while its _heir_,
 * the next owner clockwise, keeps saying so: the heir is the only one that may take the range over, and waits longer
 * before it does than the claim outlives the heir's last word. Sends nothing. Rules RG9-RG16.
 */

import { sameId, type NodeId } from '../id/node-id.ts';
import { isWithin } from '../id/ring.ts';

/** How long claims hold, ms. */
export interface OwnershipTimes {
  /** A claim holds for so long after the request was sent that the heir agreed to. */
  readonly leaseMs: number;
  /** Who was not heard of for longer has lost its claim by its own clock too; more than `leaseMs`, clocks differ. */
  readonly takeOverMs: number;
}

/** A stretch of the circle: keys after one id, up to and with another; all keys when they are the same. */
export interface Range {
  readonly after: NodeId;
  readonly upTo: NodeId;
}

/** A node with a claim of its own, as it renews it. */
export interface Claimant {
  readonly id: NodeId;
  readonly record: Uint8Array;
}

/** The owner before this one. */
interface Predecessor {
  readonly id: NodeId;
  readonly record: Uint8Array | undefined;
  heardAt: number;
}

/**
 * kept: the asker is the owner before this one, whatever it was until now. unsure: that may be, but this node's own claim has
 * run out. lost: others have the asker's range. elsewhere: this node is not the asker's heir.
 */
export type Renewal = 'kept' | 'unsure' | 'lost' | 'elsewhere';

export class Ownership {
  readonly #self: NodeId;
  readonly #times: OwnershipTimes;
  /** Where the range begins; `undefined`: nothing is claimed. */
  #after: NodeId | undefined;
  /** Until when the claim holds by the heir's last word; for ever where the range is the whole circle. */
  #until = -Infinity;
  #predecessor: Predecessor | undefined;
  constructor(self: NodeId, times: OwnershipTimes) {
    this.#self = self;
    this.#times = times;
  }

  /** The claim, whether it holds now or not. */
  get claim(): Range | undefined {
    return this.#after && { after: this.#after, upTo: this.#self };
  }

  get isWhole(): boolean {
    return this.#after !== undefined && sameId(this.#after, this.#self);
  }

  /** The contact record of the owner before this one, once it has shown it. */
  get predecessor(): Uint8Array | undefined {
    return this.#predecessor?.record;
  }

  isValid(now: number): boolean {
    return this.#after !== undefined && now < this.#until;
  }

  /** The claim ran out so long ago that it is given up. */
  isOver(now: number): boolean {
    return this.#after !== undefined && now - this.#until > this.#times.takeOverMs;
  }

  /** The one question that matters: is this key this node's to answer for? */
  owns(key: NodeId, now: number): boolean {
    return this.isValid(now) && this.hasClaimOn(key);
  }

  /** True when the key lies in the range, though the claim may have run out. */
  hasClaimOn(key: Uint8Array): boolean {
    return this.#after !== undefined && isWithin(key, this.#after, this.#self);
  }

  /** Nobody else is there, or nobody claims anything. */
  claimAll(): void {
    this.#after = this.#self;
    this.#until = Infinity;
    this.#predecessor = undefined;
  }

  /** The successor gave this node its range; `sentAt`: when it was asked. */
  take(after: NodeId, sentAt: number, now: number): void {
    this.#after = after;
    this.#until = sentAt + this.#times.leaseMs;
    // Whoever is there keeps its range for as long as its former heir allowed.
    this.#predecessor = { id: after, record: undefined, heardAt: now };
  }

  /** From now on everything up to `to` is no longer this node's: the one point at which it changes hands. */
  give({ id, record }: Pick<Claimant, 'id' | 'record'>, now: number): void {
    // Until now nobody had to agree to the claim; from now on its new neighbour has to.
    if (this.isWhole) this.#until = now + this.#times.leaseMs;
    this.#follow(id, record, now);
  }

  drop(): void {
    this.#after = undefined;
    this.#until = -Infinity;
    this.#predecessor = undefined;
  }

  /** The heir agreed to what was asked at `sentAt`. */
  onKept(sentAt: number): void {
    if (!this.isWhole) this.#until = Math.max(this.#until, sentAt + this.#times.leaseMs);
  }

  /** An owner asks this node, as its heir, to go on. */
  onRenew({ id, record }: Claimant, now: number): Renewal {
    if (this.#after === undefined) return 'elsewhere';
    // Others may have followed this node, and the asker with it, while its claim had run out; and whoever was silent
    // meanwhile may only not have been heard.
    if (!this.isValid(now)) return this.hasClaimOn(id) || sameId(id, this.#after) ? 'unsure' : 'elsewhere';
    if (!sameId(id, this.#after)) {
      // It was away and this node followed it meanwhile; or two rings meet, and one of them has to give way. That it may
      // still have taken its claim for good when it asked says nothing: its question may have waited as long as it did.
      if (this.hasClaimOn(id)) return 'lost';
      if (!this.#isPredecessorGone(now)) return 'elsewhere';
    }
    this.#follow(id, record, now);
    return 'kept';
  }

  /** There is no other owner all the way round: what is left is this node's, once its predecessor must have given up. */
  onRoundTrip(now: number): void {
    if (this.#after !== undefined && this.#isPredecessorGone(now)) this.claimAll();
  }

  /** The owner before this one leaves and hands over its range. False: it is not the one before this one. */
  inherit(leaver: NodeId, after: NodeId, now: number): boolean {
    if (this.#after === undefined || !sameId(leaver, this.#after)) return false;
    if (sameId(after, this.#self)) this.claimAll();
    else this.#follow(after, undefined, now);
    return true;
  }

  #follow(id: NodeId, record: Uint8Array | undefined, now: number): void {
    this.#after = id;
    this.#predecessor = { id, record, heardAt: now };
  }

  #isPredecessorGone(now: number): boolean {
    const { heardAt } = this.#predecessor ?? { heardAt: Infinity };
    return now - heardAt > this.#times.takeOverMs;
  }
}

/** True when two ranges have a key in common. */
export function overlap(a: Range, b: Range): boolean {
  return isWithin(a.upTo, b.after, b.upTo) || isWithin(b.upTo, a.after, a.upTo);
}
