/**
 * One message at one node until it is settled: sends it to the best candidate, watches whether it goes on from there,
 * and gives it to the next candidate when it does not. Rules FW1, FW13, FW14, FW17, FW18, FW23-FW29, FW36, FW39.
 *
 * The copies of a message share one budget. A hop that cannot bring it further says so to the hop before it, with the
 * budget that is left, and that one tries its next candidate: a depth-first walk that never visits a node twice. A hop
 * that hears nothing does not wait for the deadlines of those behind it: it gives the message to the next candidate as
 * well. In a network whose tables are complete and whose nodes do their work, the walk never turns back.
 */

import type { NodeContext } from '../context.ts';
import type { Reason, RetryReason } from '../events.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { assert } from '../util/assert.ts';
import { writeControl, type Control, type NoRouteCause, type ProgressMark } from '../wire/control.ts';
import {
  FLAG_RECEIPT,
  FLAG_REQUEST,
  isOfApp,
  messageHex as hexOf,
  patchFrame,
  readFrame,
  visitedEntry,
  type Frame,
} from '../wire/frame.ts';
import { CopyWatch } from './copy-watch.ts';
import { easeDoubt, raiseDoubt } from './doubt.ts';
import { giveBack, hasTriedEnough, reclaim, shareOf } from './budget.ts';
import { absentBudget, NextStep } from './next-step.ts';
import { measureProgress, patienceMs, ProgressMarks } from './progress.ts';
import { isBeyondDuty, needsProof, Proof } from './proof.ts';
import { NO_LINK, trailOf, Trails, type Trail, type Try } from './trails.ts';
import { addVisits, MissedPeers } from './visits.ts';

/** What a search reports and asks for. */
export interface SearchHooks {
  /** The message ends at this node; `ruledOut`: nearer nodes that said nothing. */
  deliver(frame: Frame, from: LinkId, ruledOut: readonly Uint8Array[]): void;
  /** The message was never here: a good copy of it counts as new. */
  disowned(message: string): void;
  /** A message of this node found no way; `absent`: the nodes around its target do not know it. */
  failed(message: string, reason: Reason, absent: boolean): void;
  /** A copy of a message of this node set out. */
  launched(message: string, next: NodeId): void;
  /** A message of this node: a next hop came to nothing. */
  tried(message: string, peer: NodeId, reason: RetryReason): void;
  /** An answer that was refused at first is the best there is. */
  passRefused(trail: Trail, frame: Frame): void;
  /** A message passes this node. */
  passing(frame: Frame, from: Link | undefined, next: Link): void;
  /** Is the message as its origin signed it? */
  verify(frame: Frame, done: (valid: boolean) => void): void;
  /** Counts frames that found no room. */
  count(outcome: 'sent' | 'queued' | 'displaced' | 'full', lost?: 'own' | 'forwarded'): void;
  /** A link passed on something that its origin did not send. */
  altered(from: Link): void;
}

/** Candidates an origin tries because answers stay out, not because progress does. */
const PATIENT_TRIES_MAX = 3;
/** Altered copies of a message after which a node that is not its origin gives up. */
const REJECTIONS_MAX = 2;
/** Silent copies of a message at one node from which on two candidates get a copy at once. */
const WIDEN_AFTER = 2;

export class Search {
  readonly trails: Trails;
  readonly marks: ProgressMarks;
  readonly next: NextStep;
  readonly #proof: Proof;
  readonly #watch: CopyWatch;
  readonly #missed: MissedPeers;
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #hooks: SearchHooks;

  constructor(ctx: NodeContext, links: LinkTable, hooks: SearchHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#hooks = hooks;
    this.trails = new Trails(ctx.config);
    this.next = new NextStep(ctx, links);
    this.#missed = new MissedPeers(ctx, links);
    this.#proof = new Proof(this.trails, {
      verify: (frame, done) => hooks.verify(frame, done),
      firstFrame: (trail) => this.firstFrame(trail),
      disown: (trail) => this.disown(trail),
    });
    this.#watch = new CopyWatch(ctx, (trail, copy) => this.#onSilence(trail, copy));
    this.marks = new ProgressMarks(ctx, links, (message) => this.trails.get(message)?.answered !== false);
  }

  nextAt(): number {
    return Math.min(this.#watch.nextAt(), this.marks.nextAt());
  }

  onTime(): void {
    this.marks.onTime();
    this.#watch.onTime();
  }

  open(frame: Frame, from: LinkId, frames: readonly Frame[]): Trail {
    const trail = trailOf(frame, from, frames.map(bytesOfFrame), this.#ctx);
    for (const lost of this.trails.add(trail)) this.giveUp(lost, 'overloaded');
    return trail;
  }

  /** Next hops from where a message of this node may still be answered. */
  openHops(message: string): NodeId[] {
    const open = this.trails.get(message)?.tries.filter(({ isSilent }) => !isSilent) ?? [];
    return open.flatMap(({ link }) => this.#links.get(link)?.id ?? []);
  }

  /** The first frame of a message that can be tried again. */
  firstFrame({ frames }: Trail): Frame | undefined {
    return frames[0] === undefined ? undefined : this.#read(frames[0]);
  }

  /** Takes the next step of a message: to a peer, to this node's handlers, or back. `cause`: why the last try failed. */
  proceed(trail: Trail, arriving?: Frame, cause: NoRouteCause = 'no-route'): void {
    const frame = arriving ?? this.firstFrame(trail);
    if (frame === undefined || this.#ctx.now >= trail.expiresAt) {
      this.giveUp(trail, cause);
      return;
    }
    if (this.#ctx.config.failover) this.#noteVisits(trail, frame, this.#missed.entriesFor(frame));
    let full = false;
    for (;;) {
      const step = this.next.of(frame, trail);
      if (isBeyondDuty(step) && needsProof(trail)) {
        this.#proof.whenProven(trail, () => this.proceed(trail, undefined, cause));
        return;
      }
      // A way that is there but has no room is no reason to believe that there is none.
      if (full && step.to !== 'peer') {
        this.giveUp(trail, 'overloaded');
        return;
      }
      switch (step.to) {
        case 'self':
          this.#endHere(trail, frame);
          return;
        case 'nowhere':
          this.giveUp(trail, 'absent');
          return;
        case 'nobody':
          this.giveUp(trail, frame.hops >= frame.hopLimit ? 'hop-limit' : cause);
          return;
        case 'peer':
          if (hasTriedEnough(trail)) {
            // While a copy is open, somebody else may still deliver the message.
            if (step.mayEnd && trail.tries.length === 0) this.#endHere(trail, frame);
            else this.giveUp(trail, cause);
            return;
          }
          trail.budget = Math.min(trail.budget, step.limit);
          if (this.forward(trail, frame, step.link, shareOf(trail, this.#ctx.config.failover))) return;
          full = true;
          trail.tried = [...trail.tried, step.link.link];
      }
    }
  }

  /** Sends a message of this node over one more route: the best one that has no copy yet. */
  proceedAlso(trail: Trail, frames: readonly Frame[]): void {
    const step = trail.settled ? undefined : this.next.of(frames[0]!, trail);
    if (step?.to !== 'peer') return;
    const share = Math.max(1, trail.budget >> 1);
    this.forward(trail, frames[0]!, step.link, share);
  }

  /** Sends a copy with a part of the budget. False when the link has no room. */
  forward(trail: Trail, frame: Frame, link: Link, given: number): boolean {
    const { self, counters, config, now } = this.#ctx;
    const lifeMs = Math.max(1, Math.floor(trail.expiresAt - now));
    const patch = {
      self: self.id,
      budget: given - 1,
      lifeMs,
      visitedMax: config.visitedMax,
      visited: trail.visited,
    };
    const own = trail.from === NO_LINK;
    const outcome = link.sendMessage(patchFrame(frame, patch), own ? 'own' : 'forwarded');
    this.#hooks.count(outcome);
    if (outcome === 'full') return false;
    trail.budget -= given;
    trail.tried = [...trail.tried, link.link];
    const isWatched = config.failover && frame.hopLimit > 1;
    const dueAt = isWatched ? now + patienceMs(this.#ctx, link) : Infinity;
    trail.tries = [
      ...trail.tries,
      { link: link.link, given, sentAt: now, dueAt, isGot: false, isPassed: false, isSilent: false },
    ];
    if (isWatched) this.#watch.add(trail, dueAt);
    counters.transmissions++;
    if (own) {
      for (const later of trail.frames.slice(1)) {
        this.#hooks.count(link.sendMessage(patchFrame(this.#read(later), patch), 'own'), 'own');
        counters.transmissions++;
      }
      this.#hooks.launched(trail.message, link.id);
    } else {
      counters.forwarded++;
      this.#hooks.passing(frame, this.#links.get(trail.from), link);
    }
    return true;
  }

  /** The next hop could not bring a message further, or has heard nothing from those behind it. */
  onNoRoute(control: Extract<Control, { type: 'no-route' }>, from: Link): void {
    const trail = this.trails.get(control.message);
    const copy = trail?.tries.find(({ link }) => link === from.link);
    if (trail === undefined || copy === undefined || trail.settled) return;
    giveBack(trail, copy, Math.min(control.budget, Math.max(0, copy.given - 1)));
    this.#noteVisits(trail, this.firstFrame(trail), control.visited);
    switch (control.cause) {
      case 'silent':
        copy.dueAt = Infinity;
        copy.isSilent = true;
        this.#retry(trail, from, 'silent', 'silent');
        return;
      case 'rejected':
        this.#onRejected(trail, copy, from);
        return;
      case 'absent':
        // Tables may be wrong. Upkeep asks after nodes that most likely are gone: for that only its origin asks on.
        trail.budget =
          trail.from === NO_LINK || isOfApp(trail.service)
            ? Math.min(trail.budget, absentBudget(trail.service))
            : 0;
        this.#fail(trail, copy, from, 'absent', 'absent');
        return;
      default:
        easeDoubt(from, this.#ctx.now);
        // Who had it before sees to it, and nobody farther may deliver it.
        if (control.cause === 'duplicate')
          this.#noteVisits(trail, this.firstFrame(trail), [visitedEntry(from.id, 'passed')]);
        this.#fail(trail, copy, from, 'no-route', control.cause === 'duplicate' ? 'no-route' : control.cause);
    }
  }

  /** A hop further on tells how a message fares. */
  onProgress(marks: readonly ProgressMark[], from: Link): void {
    for (const { message, stage } of marks) {
      const trail = this.trails.get(message);
      const copy = trail?.tries.find(({ link }) => link === from.link);
      if (trail === undefined || copy === undefined || trail.settled) continue;
      copy.isGot = true;
      if (stage === 'got') {
        this.marks.add(trail.from, { stage: 'passed', message });
        continue;
      }
      if (!copy.isPassed) {
        // What ended at the peer itself says nothing about the time that a hop behind it takes.
        if (stage === 'passed') measureProgress(from, this.#ctx.now - copy.sentAt);
        easeDoubt(from, this.#ctx.now);
      }
      copy.isPassed = true;
      copy.isSilent = false;
      copy.dueAt = Infinity;
      if (stage === 'arrived') this.marks.add(trail.from, { stage, message });
      else if (trail.from === NO_LINK && this.#isPatient(trail)) {
        copy.dueAt = this.#ctx.now + this.#ctx.config.answerPatienceMs;
        this.#watch.add(trail, copy.dueAt);
      }
    }
  }

  /** A link is gone or not to be trusted: what was sent over it and not answered goes another way. */
  onLinkLost(link: Link, reason: 'link-down' | 'suspect', gone: boolean): void {
    if (gone) this.#missed.add(link);
    for (const trail of [...this.trails.values()]) {
      const copy = trail.settled ? undefined : trail.tries.find((one) => one.link === link.link);
      if (copy === undefined) continue;
      reclaim(trail, copy);
      const frame = this.firstFrame(trail);
      if (reason === 'suspect' && frame?.kind === 'direct' && sameId(frame.target, link.id)) {
        // Its receiver itself, which may only be slow: the copy stays open.
        copy.isSilent = true;
        copy.dueAt = Infinity;
        this.#retry(trail, link, reason, 'silent');
      } else this.#fail(trail, copy, link, reason, 'no-route');
    }
  }

  /** What came back over a link for a message is not to be accepted: the copy that went there has failed. */
  refuse(answer: Frame, from: Link, reason: 'refused' | 'forged'): void {
    const trail = this.trails.get(answer.message);
    const copy = trail?.tries.find(({ link }) => link === from.link);
    if (reason === 'forged') {
      raiseDoubt(from, this.#ctx.now);
      this.#hooks.altered(from);
    }
    if (trail === undefined || copy === undefined || trail.settled) return;
    // Who was refused had the message: nobody farther may deliver it. A forger is not worth another try.
    const entry =
      reason === 'refused' ? visitedEntry(answer.origin, 'passed') : visitedEntry(from.id, 'silent');
    this.#noteVisits(trail, this.firstFrame(trail), [entry]);
    if (reason === 'refused') trail.refused = answer;
    reclaim(trail, copy);
    this.#fail(trail, copy, from, reason, 'no-route');
  }

  /** Tells whoever sent the message that it goes no further from here. */
  giveUp(trail: Trail, cause: NoRouteCause): void {
    if (trail.refused !== undefined) {
      const answer = trail.refused;
      this.trails.settle(trail);
      this.#hooks.passRefused(trail, answer);
      return;
    }
    const isWaiting = trail.tries.length > 0;
    if (trail.from === NO_LINK) {
      // A copy that is slow may still arrive: the origin has until its time-out.
      if (isWaiting && cause !== 'overloaded') return;
      this.trails.settle(trail);
      this.#hooks.failed(trail.message, FAILURES[cause], cause === 'absent');
      return;
    }
    if (isWaiting && trail.exhausted) return;
    trail.exhausted = true;
    if (!isWaiting) this.trails.settle(trail);
    this.#sendBack(trail, isWaiting ? 'silent' : cause);
  }

  /** The message is not what its origin signed: it was never here, and a good copy may still come. */
  disown(trail: Trail): void {
    this.trails.forget(trail);
    this.#hooks.disowned(trail.message);
    this.#sendBack(trail, 'rejected');
  }

  #noteVisits(trail: Trail, frame: Frame | undefined, entries: readonly Uint8Array[]): void {
    addVisits(trail, frame, entries, this.#ctx.config.visitedMax);
  }

  #sendBack(trail: Trail, cause: NoRouteCause): void {
    const said = cause === 'rejected' ? 'rejected' : 'passed';
    const visited = [...trail.visited, visitedEntry(this.#ctx.self.id, said)];
    const budget = Math.max(0, Math.min(255, trail.budget));
    trail.budget = 0;
    this.#ctx.counters.acks++;
    const back = this.#links.get(trail.from);
    back?.sendControl(writeControl({ type: 'no-route', message: trail.message, budget, cause, visited }));
  }

  #endHere(trail: Trail, frame: Frame): void {
    const ruledOut = this.next.ruledOut(frame, trail);
    this.trails.settle(trail);
    this.marks.add(trail.from, { stage: 'arrived', message: trail.message });
    this.#hooks.deliver(frame, trail.from, ruledOut);
  }

  /** A copy came to nothing. */
  #fail(trail: Trail, copy: Try, failed: Link, reason: RetryReason, cause: NoRouteCause): void {
    trail.tries = trail.tries.filter((one) => one !== copy);
    this.#retry(trail, failed, reason, cause);
  }

  /** Gives a message to the next candidate, unless it proves to be altered. */
  #retry(trail: Trail, failed: Link, reason: RetryReason, cause: NoRouteCause): void {
    const again = (): void => this.#tryNext(trail, failed, reason, cause);
    if (needsProof(trail)) this.#proof.whenProven(trail, again);
    else again();
  }

  #tryNext(trail: Trail, failed: Link, reason: RetryReason, cause: NoRouteCause): void {
    const { counters, config } = this.#ctx;
    const copies = trail.tries.length;
    // Another copy is on its way and well: this one's end changes nothing yet.
    const isCovered = trail.tries.some((copy) => !copy.isSilent && copy.link !== failed.link);
    if (trail.from === NO_LINK) this.#hooks.tried(trail.message, failed.id, reason);
    if (!isCovered) {
      counters.retries++;
      const frame = this.firstFrame(trail);
      const isRouted = frame?.kind === 'closest' || frame?.kind === 'direct' || frame?.kind === 'group';
      if (isRouted && config.failover) {
        this.proceed(trail, frame, cause);
        if (cause === 'silent') this.#widen(trail, frame);
      } else this.giveUp(trail, frame === undefined ? 'no-route' : cause);
    }
    const next = trail.tries.length > copies ? this.#links.get(trail.tries.at(-1)!.link)?.id : undefined;
    this.#ctx.event({
      type: 'retry',
      message: hexOf(trail.message),
      service: trail.service,
      failedHop: failed.id,
      nextHop: next,
      reason,
    });
  }

  /** Where silence goes on, waiting for one candidate at a time takes too long: two get a copy. */
  #widen(trail: Trail, frame: Frame): void {
    const silent = trail.tries.filter(({ isSilent }) => isSilent).length;
    if (trail.settled || trail.exhausted || silent < WIDEN_AFTER || trail.budget < WIDEN_AFTER) return;
    const step = this.next.of(frame, trail);
    if (step.to === 'peer') this.forward(trail, frame, step.link, Math.max(1, trail.budget >> 1));
  }

  /** Somebody altered the message: the next hop or those behind it, unless it came here so. */
  #onRejected(trail: Trail, copy: Try, from: Link): void {
    this.#proof.whenProven(trail, () => {
      raiseDoubt(from, this.#ctx.now);
      trail.rejections++;
      if (trail.from === NO_LINK || trail.rejections < REJECTIONS_MAX) {
        this.#fail(trail, copy, from, 'rejected', 'rejected');
        return;
      }
      // Whatever goes out from here is altered: the hop before finds another way at less cost.
      trail.tries = trail.tries.filter((one) => one !== copy);
      trail.budget = 0;
      this.giveUp(trail, 'rejected');
    });
  }

  /** True while an origin may try another way because the answer stays out. */
  #isPatient(trail: Trail): boolean {
    const frame = this.firstFrame(trail);
    const wantsAnswer = frame !== undefined && (frame.flags & (FLAG_RECEIPT | FLAG_REQUEST)) !== 0;
    return wantsAnswer && trail.tried.length <= PATIENT_TRIES_MAX;
  }

  /** No sign of progress in time: the copy stays open, and the next candidate gets one as well. */
  #onSilence(trail: Trail, copy: Try): void {
    const link = this.#links.get(copy.link);
    if (link !== undefined && link.queued > 0) {
      // It may not even have left.
      copy.dueAt = this.#ctx.now + patienceMs(this.#ctx, link);
      return;
    }
    copy.dueAt = Infinity;
    copy.isSilent = true;
    if (link === undefined || trail.settled) return;
    reclaim(trail, copy);
    // One that passed the message on did its part.
    if (!copy.isPassed) {
      raiseDoubt(link, this.#ctx.now);
      const frame = this.firstFrame(trail);
      if (frame !== undefined && !(frame.kind === 'direct' && sameId(frame.target, link.id))) {
        // Who has it is there, and works on it: silent may be whoever comes behind.
        this.#noteVisits(trail, frame, [visitedEntry(link.id, copy.isGot ? 'passed' : 'silent')]);
      }
    }
    this.#retry(trail, link, 'silent', 'silent');
  }

  /** Reads a frame that was read before: only its bytes are kept, which are less to look after. */
  #read(bytes: Uint8Array): Frame {
    const frame = readFrame(bytes, this.#ctx.config.fragmentsMax, this.#ctx.config.hopLimit);
    assert(typeof frame !== 'string', 'a frame that was read once reads again');
    return frame;
  }
}

function bytesOfFrame(frame: Frame): Uint8Array {
  return frame.bytes;
}

const FAILURES: Readonly<Record<NoRouteCause, Reason>> = {
  'no-route': 'unreachable',
  'hop-limit': 'hop-limit',
  overloaded: 'overloaded',
  duplicate: 'unreachable',
  silent: 'unreachable',
  absent: 'unreachable',
  rejected: 'rejected',
};
