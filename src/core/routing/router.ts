/**
 * A node as a hop: takes routed frames, tells new messages from copies and fragments of known ones, and hands them to
 * the search for a way (search.ts), to the way back (way-back.ts), or to the receiver. Rules FW6-FW9, FW15, FW16, FW36,
 * FW37.
 */

import type { NodeContext } from '../context.ts';
import type { Reason, RetryReason } from '../events.ts';
import type { NodeId } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { DeadlineTable } from '../util/deadline-table.ts';
import { RecentSet } from '../util/recent-set.ts';
import { writeControl, type Control } from '../wire/control.ts';
import {
  areAtOdds,
  FLAG_REQUEST,
  frameBody,
  messageHex as hexOf,
  patchFrame,
  visitedEntry,
  wasRejected,
  type Frame,
} from '../wire/frame.ts';
import type { MessageCheck } from './message-check.ts';
import { Search } from './search.ts';
import { NO_LINK, type Trail } from './trails.ts';
import { WayBack } from './way-back.ts';

/** Where messages end: with the receiver, or with their origin as an answer or a failure. */
export interface MessageEnds {
  /** `ruledOut`: nodes nearer to the target that said nothing. */
  deliver(frame: Frame, from: LinkId, ruledOut: readonly Uint8Array[]): void;
  /** What this node's store has to say to a request for a record that passes by; `undefined`: nothing, it goes on. */
  answerPassing(body: Uint8Array): Uint8Array | undefined;
  /** Answers a message on its way, in place of its receiver. */
  answer(frame: Frame, payload: Uint8Array): void;
  /** Sends an answer given before once more; false when there is none. */
  repeatAnswer(message: string): boolean;
  answered(frame: Frame, from: Link | undefined): void;
  failed(message: string, reason: Reason, absent: boolean): void;
  launched(message: string, next: NodeId): void;
  tried(message: string, peer: NodeId, reason: RetryReason): void;
  /** A peer passed on what its origin did not send. */
  altered(from: Link): void;
}

export class Router {
  /** The application may answer requests that pass by. */
  intercepting = false;
  readonly #search: Search;
  readonly #wayBack: WayBack;
  readonly #seen: RecentSet;
  readonly #holds = new DeadlineTable<string>();
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #check: MessageCheck;
  readonly #ends: MessageEnds;

  constructor(ctx: NodeContext, links: LinkTable, check: MessageCheck, ends: MessageEnds) {
    this.#ctx = ctx;
    this.#links = links;
    this.#check = check;
    this.#ends = ends;
    this.#seen = new RecentSet(ctx.config.seenMax, ctx.config.messageLifeMsMax);
    const count = (outcome: Outcome, lost?: Lost): void => this.#count(outcome, lost);
    const verify = (frame: Frame, done: (valid: boolean) => void): void =>
      check.verify(frame, frameBody(frame), done);
    this.#search = new Search(ctx, links, {
      deliver: (frame, from, ruledOut) => ends.deliver(frame, from, ruledOut),
      disowned: (message) => this.#seen.delete(message),
      failed: (message, reason, absent) => ends.failed(message, reason, absent),
      launched: (message, next) => ends.launched(message, next),
      tried: (message, peer, reason) => ends.tried(message, peer, reason),
      altered: (from) => ends.altered(from),
      passing: (frame, from, next) => this.#announce(frame, from, next),
      passRefused: (trail, frame) => this.#wayBack.pass(frame, undefined, trail),
      verify,
      count,
    });
    this.#wayBack = new WayBack(ctx, links, this.#search, {
      answered: (frame, from) => ends.answered(frame, from),
      passing: (frame, from, next) => this.#announce(frame, from, next),
      verify,
      count,
    });
  }

  /** Sends a message of this node on its way. Each route has its fragments, first one first. */
  launch(routes: readonly (readonly Frame[])[]): void {
    const [frames] = routes as [readonly Frame[]];
    const first = frames[0]!;
    this.#seen.add(first.message, this.#ctx.now);
    const trail = this.#search.open(first, NO_LINK, frames);
    this.#search.proceed(trail, first);
    for (const other of routes.slice(1)) this.#search.proceedAlso(trail, other);
  }

  /** Sends a one-hop message over one link; false when the link has no room. */
  launchOver(frames: readonly Frame[], link: Link): boolean {
    const first = frames[0]!;
    this.#seen.add(first.message, this.#ctx.now);
    const trail = this.#search.open(first, NO_LINK, frames);
    if (this.#search.forward(trail, first, link, 1)) return true;
    this.#ctx.counters.droppedOwn++;
    this.#search.trails.settle(trail);
    return false;
  }

  /** Takes a `neighbour` or `broadcast` frame: it ends here. */
  onOneHop(frame: Frame, from: Link): void {
    if (frame.fragment > 0) {
      this.#onLaterFragment(frame, from);
      return;
    }
    if (this.#seen.has(frame.message)) {
      this.#ctx.counters.duplicates++;
      return;
    }
    this.#seen.add(frame.message, this.#ctx.now);
    this.#search.trails.settle(this.#search.open(frame, from.link, []));
    this.#ends.deliver(frame, from.link, NONE);
  }

  /** Takes a `closest`, `direct` or `group` frame from a link. */
  onMessage(frame: Frame, from: Link): void {
    if (frame.fragment > 0) {
      this.#onLaterFragment(frame, from);
      return;
    }
    if (this.#seen.has(frame.message)) {
      this.#onDuplicate(frame, from);
      return;
    }
    if (frame.fragments === 1 && wasRejected(frame)) {
      this.#takeIfGood(frame, from);
      return;
    }
    this.#take(frame, from);
  }

  /** Somebody on the way alters this message: it goes on from here only if it is good. */
  #takeIfGood(frame: Frame, from: Link): void {
    this.#check.verify(frame, frameBody(frame), (valid) => {
      if (!valid) this.#reject(frame, from);
      else if (this.#seen.has(frame.message)) this.#onDuplicate(frame, from);
      else this.#take(frame, from);
    });
  }

  /** A copy was altered on its way here. */
  #reject({ message, budget }: Frame, from: Link): void {
    const visited = [visitedEntry(this.#ctx.self.id, 'rejected')];
    from.sendControl(writeControl({ type: 'no-route', message, budget, cause: 'rejected', visited }));
  }

  #take(frame: Frame, from: Link): void {
    const { message } = frame;
    this.#seen.add(message, this.#ctx.now);
    this.#search.marks.add(from.link, { stage: 'got', message });
    this.#check.sample(frame, from);
    const trail = this.#search.open(frame, from.link, frame.fragments === 1 ? [frame] : []);
    const found = this.#isForStore(frame) ? this.#ends.answerPassing(frameBody(frame)) : undefined;
    if (found !== undefined) {
      this.#search.trails.settle(trail);
      this.#ends.answer(frame, found);
      return;
    }
    if (this.#isForApplication(frame)) {
      trail.held = true;
      this.#holds.set(message, this.#ctx.now + this.#ctx.config.holdMs);
      this.#search.marks.add(from.link, { stage: 'passed', message });
      this.#announce(frame, from, undefined, frameBody(frame));
      return;
    }
    this.#search.proceed(trail, frame);
  }

  /** The application let go a held message: with an answer, or to be forwarded. */
  release(message: string, payload: Uint8Array | undefined): void {
    const trail = this.#search.trails.get(message);
    const frame = trail === undefined ? undefined : this.#search.firstFrame(trail);
    if (trail === undefined || frame === undefined || !trail.held) return;
    trail.held = false;
    this.#holds.delete(message);
    if (payload === undefined) {
      this.#search.proceed(trail);
      return;
    }
    this.#search.trails.settle(trail);
    this.#ends.answer(frame, payload);
  }

  /** Takes an `answer` frame from a link, or from this node itself (`from` undefined), and sends it back. */
  onAnswer(frame: Frame, from: Link | undefined): void {
    this.#wayBack.onAnswer(frame, from);
  }

  /** True when this node knows somebody nearer than the one who answered a message of its own. */
  isRefutable(answer: Frame, from: Link | undefined): boolean {
    const trail = this.#search.trails.get(answer.message);
    return trail !== undefined && !trail.settled && this.#wayBack.isRefutable(answer, from, trail);
  }

  /** An answer to a message of this node is not accepted: another way is tried. */
  refuse(answer: Frame, from: Link, reason: 'refused' | 'forged'): void {
    this.#search.refuse(answer, from, reason);
  }

  /** A message that ends here is not what its origin signed: the hop before learns it, and a good copy may still come. */
  disown(message: string): void {
    const trail = this.#search.trails.get(message);
    if (trail !== undefined) this.#search.disown(trail);
  }

  onControl(control: Extract<Control, { type: 'no-route' | 'progress' }>, from: Link): void {
    if (control.type === 'no-route') this.#search.onNoRoute(control, from);
    else this.#search.onProgress(control.marks, from);
  }

  /** A link is gone or not to be trusted: what was sent over it and not answered goes another way. */
  onLinkLost(link: Link, reason: 'link-down' | 'suspect', gone: boolean): void {
    this.#search.onLinkLost(link, reason, gone);
  }

  get idle(): boolean {
    return this.#search.trails.size === 0;
  }

  nextAt(): number {
    return Math.min(this.#holds.nextAt(), this.#search.nextAt());
  }

  onTime(): void {
    this.#search.onTime();
    for (;;) {
      const message = this.#holds.takeDue(this.#ctx.now);
      if (message === undefined) return;
      this.release(message, undefined);
    }
  }

  /** Forgets what is over. Called on the node's own schedule. */
  sweep(): void {
    this.#search.trails.sweep(this.#ctx.now);
  }

  /** Next hops of a message of this node from where an answer is still to come. */
  openHops(message: string): NodeId[] {
    return this.#search.openHops(message);
  }

  /** The message is settled for its origin: nothing more is tried. */
  settle(message: string): void {
    const trail = this.#search.trails.get(message);
    if (trail !== undefined && !trail.settled) this.#search.trails.settle(trail);
  }

  #onLaterFragment(frame: Frame, from: Link): void {
    const trail = this.#search.trails.get(frame.message);
    if (trail === undefined || trail.from !== from.link) return;
    const next = nextOf(trail);
    if (next !== NO_LINK) this.#passAlong(trail, frame);
    else if (hasArrived(trail)) this.#ends.deliver(frame, from.link, NONE);
  }

  /**
   * Rule FW7: the same message again. A receiver gives its answer once more, or says that it works on it, by the way the
   * message came now. A hop that passed an answer sends the copy along the trail, since that answer may be lost; by any
   * other way than the first an unanswered copy is turned back.
   */
  #onDuplicate(frame: Frame, from: Link): void {
    this.#ctx.counters.duplicates++;
    const { message, budget } = frame;
    const trail = this.#search.trails.get(message);
    const held = trail === undefined ? undefined : this.#search.firstFrame(trail);
    if (trail !== undefined && held !== undefined && areAtOdds(held, frame)) {
      this.#onOtherCopy(frame, from, trail);
      return;
    }
    if (trail !== undefined && trail.from !== NO_LINK) {
      const first = trail.from;
      const isLost = this.#links.get(first) === undefined;
      if (trail.settled || isLost) trail.from = from.link;
      if (this.#ends.repeatAnswer(message)) return;
      if (hasArrived(trail)) {
        this.#search.marks.add(from.link, { stage: 'arrived', message });
        return;
      }
      if (trail.settled && nextOf(trail) !== NO_LINK) {
        this.#passAlong(trail, frame);
        return;
      }
      if (!trail.settled && (first === from.link || isLost)) return;
    }
    from.sendControl(writeControl({ type: 'no-route', message, budget, cause: 'duplicate', visited: [] }));
  }

  /** Rule FW37: two copies of a message differ, and one of them was altered. */
  #onOtherCopy(frame: Frame, from: Link, trail: Trail): void {
    if (trail.proven) {
      this.#reject(frame, from);
      return;
    }
    this.#check.verify(frame, frameBody(frame), (valid) => {
      if (!valid) {
        this.#reject(frame, from);
        return;
      }
      const isHeld = this.#search.trails.get(frame.message) === trail && !trail.settled && !trail.proven;
      if (isHeld) this.#search.disown(trail);
      if (this.#seen.has(frame.message)) this.#onDuplicate(frame, from);
      else this.#take(frame, from);
    });
  }

  /** Sends a frame the way the first one of its message went. */
  #passAlong(trail: Trail, frame: Frame): void {
    const next = this.#links.get(nextOf(trail));
    if (next === undefined) return;
    const { self, config, counters } = this.#ctx;
    const lifeMs = Math.max(1, Math.floor(trail.expiresAt - this.#ctx.now));
    const patch = {
      self: self.id,
      budget: Math.max(0, frame.budget - 1),
      lifeMs,
      visitedMax: config.visitedMax,
    };
    if (frame.hops >= frame.hopLimit) return;
    this.#count(next.sendMessage(patchFrame(frame, patch), 'forwarded'), 'forwarded');
    counters.transmissions++;
  }

  #isForStore({ service, kind, fragments }: Frame): boolean {
    return service === 'store' && kind === 'closest' && fragments === 1;
  }

  #isForApplication(frame: Frame): boolean {
    return (
      this.intercepting &&
      frame.kind === 'closest' &&
      frame.service === 'app' &&
      frame.fragments === 1 &&
      (frame.flags & FLAG_REQUEST) !== 0
    );
  }

  #announce(frame: Frame, from: Link | undefined, next: Link | undefined, held?: Uint8Array): void {
    const event = {
      type: 'routing',
      message: hexOf(frame.message),
      kind: frame.kind === 'answer' ? 'reply' : frame.kind,
      service: frame.service,
      origin: frame.origin,
      target: frame.target,
      lastHop: from?.id ?? frame.origin,
      nextHop: next?.id,
      hops: frame.hops,
      bytes: frame.bytes.length,
    } as const;
    this.#ctx.event(held === undefined ? event : { ...event, held });
  }

  /** Counts what was dropped for want of room; with `lost`, the message itself when it found none. */
  #count(outcome: Outcome, lost?: Lost): void {
    const { counters } = this.#ctx;
    if (outcome === 'displaced' || (outcome === 'full' && lost === 'forwarded')) counters.droppedForwarded++;
    else if (outcome === 'full' && lost === 'own') counters.droppedOwn++;
  }
}

const NONE: readonly Uint8Array[] = [];

type Outcome = 'sent' | 'queued' | 'displaced' | 'full';
type Lost = 'own' | 'forwarded';

/** Where a message was sent last. */
function nextOf(trail: Trail): LinkId {
  return trail.tries.at(-1)?.link ?? NO_LINK;
}

/** The message ended here; where this node gave up on it, it did not. */
function hasArrived(trail: Trail): boolean {
  return trail.settled && !trail.exhausted && nextOf(trail) === NO_LINK;
}
