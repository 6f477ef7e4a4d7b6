/**
 * Contacts that may be gone. Whoever is doubted is asked itself, through the overlay, and forgotten only when silence has
 * lasted as long as that of a dead link would, more than one question found no answer, and no linked peer is linked to
 * it. A machine short of time delays answers by seconds: one that came too late proves nothing, and a table that forgets
 * the living costs more than one that keeps the dead a little longer. Rules JO8, JO11-JO14, MB5.
 */

import type { NodeContext } from '../context.ts';
import { mapKey, type MapKey, type NodeId } from '../id/node-id.ts';
import type { Outcome } from '../routing/sender.ts';
import { RecentSet } from '../util/recent-set.ts';
import type { Contact } from '../wire/contact.ts';

export interface RumourHooks {
  /** `copies`: at most so many of the question. */
  ping(target: NodeId, done: (outcome: Outcome) => void, copies?: number): void;
  /** This node has links, so it can ask. */
  isLinked(): boolean;
  /** The node is linked, or a linked peer is linked to it. */
  isVouchedFor(id: NodeId, key: MapKey): boolean;
  /** Since then this node itself ran late, or hears nothing from most of its peers. */
  isOwnFault(since: number): boolean;
  /** A node found to be gone before lives. */
  onAlive(contact: Contact): void;
  /** A contact is gone for good. */
  onAbsent(contact: Contact): void;
}

interface Doubt {
  readonly contact: Contact;
  /** Nobody is known to have heard from it since then, ms. */
  silentSince: number;
  /** Questions without an answer, and the first of them. */
  failures: number;
  failedAt: number;
  /** When the last question set out that found no answer. */
  askedAt: number;
  /** When it is asked the next time; `Infinity` while it is being asked. */
  askAt: number;
}

/** One rumour about a node is followed up at most this often. */
const CHECKED_MS = 5_000;
const CHECKED_MAX = 1_024;
/** A doubted contact is asked again after this; after some questions in vain ever less often. */
const ASK_AGAIN_MS = 3_000;
const ASK_AGAIN_MS_MAX = 60_000;
const PATIENT_QUESTIONS = 5;
const DOUBTS_MAX = 256;
/** Copies of a question that cannot lead to anybody being forgotten: enough for the way to whoever lives. */
const FIRST_COPIES = 6;

export class Rumours {
  readonly #checked = new RecentSet(CHECKED_MAX, CHECKED_MS);
  readonly #doubts = new Map<MapKey, Doubt>();
  #at = Infinity;
  readonly #ctx: NodeContext;
  readonly #hooks: RumourHooks;

  constructor(ctx: NodeContext, hooks: RumourHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
  }

  nextAt(): number {
    return this.#at;
  }

  /** A contact may be gone: as far as is known, nobody heard from it since then. */
  about(contact: Contact, silentSince: number): void {
    const known = this.#doubts.get(contact.key);
    if (known !== undefined && silentSince < known.silentSince) {
      known.silentSince = silentSince;
      if (known.failures > 0 && known.askAt !== Infinity) known.askAt = this.#nextQuestionAt(known);
      this.#plan();
    }
    if (!this.#mayAsk(contact.key)) return;
    if (known === undefined) {
      this.#doubts.set(contact.key, {
        contact,
        silentSince,
        failures: 0,
        failedAt: 0,
        askedAt: 0,
        askAt: Infinity,
      });
      this.#bound();
    }
    this.#ask(contact);
  }

  /** Rule MB5: somebody names a node that was found to be gone. Hearsay; but it may live, and is asked. */
  signOfLife(id: NodeId): void {
    if (!this.#mayAsk(mapKey(id))) return;
    this.#hooks.ping(id, ({ receipt, answerer }) => {
      if (receipt.ok && answerer !== undefined) this.#hooks.onAlive(answerer);
    });
  }

  /** The server knows nobody else: whoever was in doubt is gone. */
  alone(): void {
    const gone = [...this.#doubts.values()];
    this.#doubts.clear();
    for (const { contact } of gone) this.#hooks.onAbsent(contact);
  }

  onTime(): void {
    const { now } = this.#ctx;
    if (now < this.#at) return;
    // Without links there is nobody to ask through: the questions wait.
    if (!this.#hooks.isLinked() || !this.#ctx.config.repair) {
      this.#at = now + ASK_AGAIN_MS;
      return;
    }
    for (const doubt of [...this.#doubts.values()]) {
      if (doubt.askAt > now) continue;
      doubt.askAt = Infinity;
      this.#ask(doubt.contact);
    }
    this.#plan();
  }

  stop(): void {
    this.#doubts.clear();
    this.#at = Infinity;
  }

  #mayAsk(key: MapKey): boolean {
    this.#checked.sweep(this.#ctx.now);
    if (this.#checked.has(key) || !this.#hooks.isLinked() || !this.#ctx.config.repair) return false;
    this.#checked.add(key, this.#ctx.now);
    return true;
  }

  #ask(contact: Contact): void {
    const askedAt = this.#ctx.now;
    const about = this.#doubts.get(contact.key);
    const decides = about !== undefined && about.failures > 0 && this.#isSilentLong(about);
    const onOutcome = ({ receipt }: Outcome): void => {
      const doubt = this.#doubts.get(contact.key);
      if (receipt.ok) {
        this.#doubts.delete(contact.key);
        this.#ctx.geometry.touch(contact.key, this.#ctx.now);
      } else if (doubt !== undefined && receipt.reason !== 'left') {
        this.#onSilence(doubt, askedAt, decides);
      }
      this.#plan();
    };
    // Whoever is forgotten for want of an answer is looked for thoroughly; before that, silence proves nothing.
    if (decides) this.#hooks.ping(contact.id, onOutcome);
    else this.#hooks.ping(contact.id, onOutcome, FIRST_COPIES);
  }

  #isSilentLong({ silentSince }: Doubt): boolean {
    return this.#ctx.now - silentSince >= this.#ctx.config.dropAfterMs;
  }

  #onSilence(doubt: Doubt, askedAt: number, decides: boolean): void {
    const { now, geometry } = this.#ctx;
    const { contact } = doubt;
    doubt.askedAt = askedAt;
    doubt.askAt = Math.max(now, askedAt + ASK_AGAIN_MS);
    // Without links of its own, or short of time, this node learned nothing about the contact.
    if (!this.#hooks.isLinked() || this.#hooks.isOwnFault(askedAt)) return;
    if (geometry.get(contact.key) === undefined) {
      this.#doubts.delete(contact.key);
      return;
    }
    if (doubt.failures === 0) doubt.failedAt = now;
    doubt.failures++;
    if (
      decides &&
      now - doubt.failedAt >= ASK_AGAIN_MS &&
      !this.#hooks.isVouchedFor(contact.id, contact.key)
    ) {
      this.#doubts.delete(contact.key);
      this.#hooks.onAbsent(contact);
      return;
    }
    doubt.askAt = this.#nextQuestionAt(doubt);
  }

  /** A question before the contact may be forgotten can only clear it; after the second one there is none until then. */
  #nextQuestionAt({ failures, askedAt, silentSince }: Doubt): number {
    const patience = 2 ** Math.max(0, failures - PATIENT_QUESTIONS);
    const againAt = askedAt + Math.min(ASK_AGAIN_MS_MAX, ASK_AGAIN_MS * patience);
    const silentLongAt = silentSince + this.#ctx.config.dropAfterMs;
    const waits = failures > 1 || silentLongAt - againAt < ASK_AGAIN_MS;
    return Math.max(this.#ctx.now, waits ? Math.max(againAt, silentLongAt) : againAt);
  }

  #plan(): void {
    this.#at = Infinity;
    for (const { askAt } of this.#doubts.values()) this.#at = Math.min(this.#at, askAt);
  }

  #bound(): void {
    for (const oldest of this.#doubts.keys()) {
      if (this.#doubts.size <= DOUBTS_MAX) return;
      this.#doubts.delete(oldest);
    }
  }
}
