/**
 * Forwarding: takes a message at a hop and passes it to the neighbour that comes nearest to the target, keeps the way
 * back, and tries the next candidate when one fails. Rules FW1-FW7 and FW12-FW18.
 *
 * A message exists in one copy. A hop that cannot bring it further says so to the hop before it, with the budget
 * that is left, and that one tries its next candidate: a depth-first walk that never visits a node twice. In a
 * network whose tables are complete the walk never turns back.
 */

import type { NodeContext } from '../context.ts';
import type { Reason } from '../events.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import type { PeerView } from '../geometry/geometry.ts';
import type { LinkId } from '../io.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { assert } from '../util/assert.ts';
import { DeadlineTable } from '../util/deadline-table.ts';
import { RecentSet } from '../util/recent-set.ts';
import { writeControl, type Control, type NoRouteCause } from '../wire/control.ts';
import {
  extendPath,
  FLAG_REQUEST,
  FLAG_SKIP_ORIGIN,
  frameBody,
  messageHex as hexOf,
  patchFrame,
  readFrame,
  pathIds,
  visitedPrefixes,
  type Frame,
} from '../wire/frame.ts';
import type { MessageCheck } from './message-check.ts';
import { NO_LINK, Trails, type Trail } from './trails.ts';

/** Where messages end: with the receiver, or with their origin as an answer or a failure. */
export interface MessageEnds {
  deliver(frame: Frame, from: LinkId): void;
  /** Answers a message that is not delivered here: a negative answer, or one given on the way. */
  answer(frame: Frame, code: 'unreachable' | 'ok', payload: Uint8Array | undefined): void;
  /** Sends an answer given before once more; false when there is none. */
  repeatAnswer(message: string): boolean;
  answered(frame: Frame): void;
  failed(message: string, reason: Reason): void;
  launched(message: string, next: NodeId): void;
}

type Choice =
  | { readonly to: 'peer'; readonly link: Link; readonly budget: number }
  | { readonly to: 'self' | 'nobody' | 'nowhere' };

/** A closest message that leaves the downhill path may cost this many copies: it follows a mere clue. */
const SIDESTEP_BUDGET = 16;

export class Router {
  /** The application may answer requests that pass by. */
  intercepting = false;
  private readonly trails: Trails;
  private readonly seen: RecentSet;
  private readonly holds = new DeadlineTable<string>();
  private readonly ctx: NodeContext;
  private readonly links: LinkTable;
  private readonly check: MessageCheck;
  private readonly ends: MessageEnds;

  constructor(ctx: NodeContext, links: LinkTable, check: MessageCheck, ends: MessageEnds) {
    this.ctx = ctx;
    this.links = links;
    this.check = check;
    this.ends = ends;
    this.trails = new Trails(ctx.config);
    this.seen = new RecentSet(ctx.config.seenMax, ctx.config.messageLifeMsMax);
  }

  /** Sends a message of this node on its way. `frames` are its fragments, first one first. */
  launch(frames: readonly Frame[]): void {
    const first = frames[0]!;
    this.seen.add(first.message, this.ctx.now);
    this.proceed(this.openTrail(first, NO_LINK, frames), first);
  }

  /** Sends a one-hop message over one link; false when the link has no room. */
  launchOver(frames: readonly Frame[], link: Link): boolean {
    const first = frames[0]!;
    this.seen.add(first.message, this.ctx.now);
    const trail = this.openTrail(first, NO_LINK, frames);
    if (this.forward(trail, first, link, 1)) return true;
    this.ctx.counters.droppedOwn++;
    this.trails.settle(trail);
    return false;
  }

  /** Takes a `neighbour` or `broadcast` frame: it ends here. */
  onOneHop(frame: Frame, from: Link): void {
    if (frame.fragment > 0) {
      this.onLaterFragment(frame, from);
      return;
    }
    if (this.seen.has(frame.message)) {
      this.ctx.counters.duplicates++;
      return;
    }
    this.seen.add(frame.message, this.ctx.now);
    this.trails.settle(this.openTrail(frame, from.link, []));
    this.ends.deliver(frame, from.link);
  }

  /** Takes a `closest` or `direct` frame from a link. */
  onMessage(frame: Frame, from: Link): void {
    if (frame.fragment > 0) {
      this.onLaterFragment(frame, from);
      return;
    }
    if (this.seen.has(frame.message)) {
      this.onDuplicate(frame, from);
      return;
    }
    this.seen.add(frame.message, this.ctx.now);
    this.check.sample(frame, from);
    const trail = this.openTrail(frame, from.link, frame.fragments === 1 ? [frame] : []);
    if (this.isForApplication(frame)) {
      trail.held = true;
      this.holds.set(frame.message, this.ctx.now + this.ctx.config.holdMs);
      this.announce(frame, from, undefined, frameBody(frame));
      return;
    }
    this.proceed(trail, frame);
  }

  /** The application let go a held message: with an answer, or to be forwarded. */
  release(message: string, payload: Uint8Array | undefined): void {
    const trail = this.trails.get(message);
    const frame = trail === undefined ? undefined : this.firstFrame(trail);
    if (trail === undefined || frame === undefined || !trail.held) return;
    trail.held = false;
    this.holds.delete(message);
    if (payload === undefined) {
      this.proceed(trail);
      return;
    }
    this.trails.settle(trail);
    this.ends.answer(frame, 'ok', payload);
  }

  /** Takes an `answer` frame from a link, or from this node itself (`from` undefined), and sends it back. */
  onAnswer(frame: Frame, from: Link | undefined): void {
    const trail = this.trails.get(frame.message);
    if (sameId(frame.target, this.ctx.self.id)) {
      // Not settled yet: a forged answer must not end the search for another way.
      this.ends.answered(frame);
      return;
    }
    if (trail !== undefined && !trail.settled) this.trails.settle(trail);
    const back = trail === undefined ? undefined : this.links.get(trail.from);
    const next = back !== undefined && back !== from ? back : this.peerTowards(frame, from);
    const lifeMs = frame.lifeMs;
    if (next === undefined || frame.hops >= frame.hopLimit || lifeMs === 0) return;
    const outcome = next.sendMessage(extendPath(frame, this.ctx.self.id, lifeMs), 'answer');
    this.count(outcome, from === undefined ? 'own' : 'forwarded');
    if (outcome !== 'full') this.ctx.counters.acks++;
    if (from !== undefined && frame.fragment === 0) this.announce(frame, from, next);
  }

  /** The next hop could not bring a message further. */
  onNoRoute(control: Extract<Control, { type: 'no-route' }>, from: Link): void {
    const trail = this.trails.get(control.message);
    if (trail === undefined || trail.settled || trail.next !== from.link) return;
    trail.budget += Math.min(control.budget, Math.max(0, trail.given - 1));
    trail.visited = [...trail.visited, ...control.visited].slice(0, this.ctx.config.visitedMax);
    this.retry(trail, from, 'no-route', control.cause);
  }

  /** A link is gone or not to be trusted: what was sent over it and not answered goes another way. */
  onLinkLost(link: Link, reason: 'link-down' | 'suspect'): void {
    for (const trail of [...this.trails.values()]) {
      if (trail.next === link.link && !trail.settled) this.retry(trail, link, reason, 'no-route');
    }
  }

  get idle(): boolean {
    return this.trails.size === 0;
  }

  /** When a held message has waited long enough; `Infinity` when none is held. */
  nextAt(): number {
    return this.holds.nextAt();
  }

  onTime(): void {
    for (;;) {
      const message = this.holds.takeDue(this.ctx.now);
      if (message === undefined) return;
      this.release(message, undefined);
    }
  }

  /** Forgets what is over. Called on the node's own schedule. */
  sweep(): void {
    this.trails.sweep(this.ctx.now);
  }

  /** The message is settled for its origin: nothing more is tried. */
  settle(message: string): void {
    const trail = this.trails.get(message);
    if (trail !== undefined && !trail.settled) this.trails.settle(trail);
  }

  private openTrail(frame: Frame, from: LinkId, frames: readonly Frame[]): Trail {
    const { now, config } = this.ctx;
    const trail: Trail = {
      message: frame.message,
      service: frame.service,
      from,
      next: NO_LINK,
      tried: NO_LINKS,
      visited: NONE,
      frames: frames.map(bytesOfFrame),
      budget: Math.min(frame.budget, config.transmissionsMax),
      given: 0,
      expiresAt: now + Math.min(frame.lifeMs, config.messageLifeMsMax),
      settled: false,
      held: false,
    };
    for (const lost of this.trails.add(trail)) this.giveUp(lost, 'overloaded');
    return trail;
  }

  /** The first frame of a message that can be tried again. */
  private firstFrame({ frames }: Trail): Frame | undefined {
    return frames[0] === undefined ? undefined : this.read(frames[0]);
  }

  /** Reads a frame that was read before: only its bytes are kept, which are less to look after. */
  private read(bytes: Uint8Array): Frame {
    const frame = readFrame(bytes, this.ctx.config.fragmentsMax, this.ctx.config.hopLimit);
    assert(typeof frame !== 'string', 'a frame that was read once reads again');
    return frame;
  }

  /** Takes the next step of a message: to a peer, to this node's handlers, or back. `cause`: why the last try failed. */
  private proceed(trail: Trail, arriving?: Frame, cause: NoRouteCause = 'no-route'): void {
    const frame = arriving ?? this.firstFrame(trail);
    if (frame === undefined || this.ctx.now >= trail.expiresAt) {
      this.giveUp(trail, 'no-route');
      return;
    }
    let full = false;
    for (;;) {
      const choice = this.choose(frame, trail);
      // A way that is there but has no room is no reason to believe that there is none.
      if (full && choice.to !== 'peer') {
        this.giveUp(trail, 'overloaded');
        return;
      }
      switch (choice.to) {
        case 'self':
          this.trails.settle(trail);
          this.ends.deliver(frame, trail.from);
          return;
        case 'nowhere':
          this.trails.settle(trail);
          this.ends.answer(frame, 'unreachable', undefined);
          return;
        case 'nobody':
          this.giveUp(trail, frame.hops >= frame.hopLimit ? 'hop-limit' : cause);
          return;
        case 'peer':
          if (this.forward(trail, frame, choice.link, choice.budget)) return;
          full = true;
          trail.tried = [...trail.tried, choice.link.link];
      }
    }
  }

  /** False when the link has no room. */
  private forward(trail: Trail, frame: Frame, link: Link, budget: number): boolean {
    const { self, counters, config } = this.ctx;
    const lifeMs = Math.max(1, Math.floor(trail.expiresAt - this.ctx.now));
    const patch = {
      self: self.id,
      budget: budget - 1,
      lifeMs,
      visitedMax: config.visitedMax,
      visited: trail.visited,
    };
    const own = trail.from === NO_LINK;
    const outcome = link.sendMessage(patchFrame(frame, patch), own ? 'own' : 'forwarded');
    this.count(outcome);
    if (outcome === 'full') return false;
    trail.next = link.link;
    trail.budget -= budget;
    trail.given = budget;
    counters.transmissions++;
    if (own) {
      for (const later of trail.frames.slice(1)) {
        this.count(link.sendMessage(patchFrame(this.read(later), patch), 'own'), 'own');
        counters.transmissions++;
      }
      this.ends.launched(trail.message, link.id);
    } else {
      counters.forwarded++;
      this.announce(frame, this.links.get(trail.from), link);
    }
    return true;
  }

  /** Where next? Rules FW3 (downhill), FW4 (sidestep only on a clue), FW5 (who may deliver). */
  private choose(frame: Frame, trail: Trail): Choice {
    const { self, geometry } = this.ctx;
    const direct = frame.kind === 'direct';
    if (direct && sameId(frame.target, self.id)) return { to: 'self' };
    const visited =
      frame.visitedCount === 0 && trail.visited.length === 0
        ? NONE
        : [...visitedPrefixes(frame), ...trail.visited];
    const ignore = (frame.flags & FLAG_SKIP_ORIGIN) === 0 ? visited : [...visited, frame.origin];
    const exhausted = trail.budget <= 0 || frame.hops >= frame.hopLimit;
    const peers = this.links.all;
    const skip = (peer: PeerView): boolean => this.isUnfit(peer as Link, trail, visited);
    const index = exhausted
      ? undefined
      : geometry.nextHops(frame.target, peers, { count: 1, ignore, skip })[0];
    const link = index === undefined ? undefined : peers[index]!;
    if (link !== undefined) {
      const via = geometry.bestVia(frame.target, link, ignore);
      const downhill = via !== undefined && geometry.compare(frame.target, via, self.id) < 0;
      if (downhill || this.isExcluded(frame)) {
        return { to: 'peer', link, budget: trail.budget };
      }
    }
    const passedBetter = this.passedBetter(frame, visited);
    const clue = passedBetter || this.knowsBetter(frame, ignore) || (direct && !geometry.isComplete());
    if (link !== undefined && clue) {
      return { to: 'peer', link, budget: direct ? trail.budget : Math.min(trail.budget, SIDESTEP_BUDGET) };
    }
    if (direct) return { to: clue || exhausted ? 'nobody' : 'nowhere' };
    return { to: passedBetter || this.isExcluded(frame) ? 'nobody' : 'self' };
  }

  /** A node that looks itself up is not its own answer. */
  private isExcluded(frame: Frame): boolean {
    return (frame.flags & FLAG_SKIP_ORIGIN) !== 0 && sameId(frame.origin, this.ctx.self.id);
  }

  private isUnfit(link: Link, trail: Trail, visited: readonly Uint8Array[]): boolean {
    if (link.suspect || link.link === trail.from || trail.tried.includes(link.link)) return true;
    for (let i = 0; i < visited.length; i++) if (startsWith(link.id, visited[i]!)) return true;
    return false;
  }

  /** True when a node that the message passed is a better holder than this one: then this one must not deliver. */
  private passedBetter(frame: Frame, visited: readonly Uint8Array[]): boolean {
    const { geometry, self } = this.ctx;
    const skipOrigin = (frame.flags & FLAG_SKIP_ORIGIN) !== 0;
    return visited.some((prefix) => {
      if (startsWith(self.id, prefix) || (skipOrigin && startsWith(frame.origin, prefix))) return false;
      const length = prefix.length;
      const target = frame.target.subarray(0, length) as NodeId;
      return geometry.compare(target, prefix as NodeId, self.id.subarray(0, length) as NodeId) < 0;
    });
  }

  /** True when this node knows a better holder, linked or not, that the message has not visited. */
  private knowsBetter(frame: Frame, ignore: readonly Uint8Array[]): boolean {
    const { geometry, self } = this.ctx;
    if (geometry.isResponsible(frame.target)) return false;
    return geometry
      .closest(frame.target, ignore.length + 1, false)
      .some(
        (id) =>
          geometry.compare(frame.target, id, self.id) < 0 && !ignore.some((prefix) => startsWith(id, prefix)),
      );
  }

  private retry(
    trail: Trail,
    failed: Link,
    reason: 'link-down' | 'suspect' | 'no-route',
    cause: NoRouteCause,
  ): void {
    trail.tried = [...trail.tried, failed.link];
    trail.next = NO_LINK;
    this.ctx.counters.retries++;
    const event = {
      type: 'retry',
      message: hexOf(trail.message),
      service: trail.service,
      failedHop: failed.id,
      reason,
    } as const;
    // The copy that went over a lost link may live on: half of what it took is given up with it.
    if (reason !== 'no-route') trail.budget += Math.max(1, trail.given >> 1);
    const kind = this.firstFrame(trail)?.kind;
    if (kind !== 'closest' && kind !== 'direct') {
      this.giveUp(trail, cause);
    } else {
      this.proceed(trail, undefined, cause === 'duplicate' ? 'no-route' : cause);
    }
    this.ctx.event({ ...event, nextHop: this.links.get(trail.next)?.id });
  }

  /** Tells whoever sent the message that it goes no further from here. */
  private giveUp(trail: Trail, cause: NoRouteCause): void {
    const visited = [...trail.visited, this.ctx.self.id.subarray(0, 8)];
    const budget = Math.max(0, Math.min(255, trail.budget));
    this.trails.settle(trail);
    if (trail.from === NO_LINK) {
      this.ends.failed(trail.message, FAILURES[cause]);
      return;
    }
    this.ctx.counters.acks++;
    const back = this.links.get(trail.from);
    back?.sendControl(writeControl({ type: 'no-route', message: trail.message, budget, cause, visited }));
  }

  private onLaterFragment(frame: Frame, from: Link): void {
    const trail = this.trails.get(frame.message);
    if (trail === undefined || trail.from !== from.link) return;
    const next = this.links.get(trail.next);
    if (next === undefined) {
      if (trail.settled) this.ends.deliver(frame, from.link);
      return;
    }
    this.passAlong(trail, frame);
  }

  /**
   * Rule FW7: the same message again. A receiver gives its answer once more, by the way the message came now. A hop
   * sends it along the trail if it comes the way it came first, or that way is gone; by any other way it is turned back.
   */
  private onDuplicate(frame: Frame, from: Link): void {
    this.ctx.counters.duplicates++;
    const trail = this.trails.get(frame.message);
    if (trail !== undefined && trail.from !== NO_LINK) {
      const first = trail.from;
      trail.from = from.link;
      if (this.ends.repeatAnswer(frame.message)) return;
      if (first === from.link || this.links.get(first) === undefined) {
        if (trail.settled) this.passAlong(trail, frame);
        return;
      }
      trail.from = first;
    }
    const { message, budget } = frame;
    from.sendControl(writeControl({ type: 'no-route', message, budget, cause: 'duplicate', visited: [] }));
  }

  /** Sends a frame the way the first one of its message went. */
  private passAlong(trail: Trail, frame: Frame): void {
    const next = this.links.get(trail.next);
    if (next === undefined) return;
    const { self, config, counters } = this.ctx;
    const lifeMs = Math.max(1, Math.floor(trail.expiresAt - this.ctx.now));
    const patch = {
      self: self.id,
      budget: Math.max(0, frame.budget - 1),
      lifeMs,
      visitedMax: config.visitedMax,
    };
    if (frame.hops >= frame.hopLimit) return;
    this.count(next.sendMessage(patchFrame(frame, patch), 'forwarded'), 'forwarded');
    counters.transmissions++;
  }

  private isForApplication(frame: Frame): boolean {
    return (
      this.intercepting &&
      frame.kind === 'closest' &&
      frame.service === 'app' &&
      frame.fragments === 1 &&
      (frame.flags & FLAG_REQUEST) !== 0
    );
  }

  /** An answer whose way back is broken is routed like a direct message, never twice through the same node. */
  private peerTowards(frame: Frame, from: Link | undefined): Link | undefined {
    const peers = this.links.all;
    const passed = pathIds(frame);
    const [index] = this.ctx.geometry.nextHops(frame.target, peers, {
      count: 1,
      ignore: passed,
      skip: (peer) => (peer as Link).suspect || peer === from || passed.some((id) => sameId(id, peer.id)),
    });
    return index === undefined ? undefined : peers[index];
  }

  private announce(frame: Frame, from: Link | undefined, next: Link | undefined, held?: Uint8Array): void {
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
    this.ctx.event(held === undefined ? event : { ...event, held });
  }

  /** Counts what was dropped for want of room; with `lost`, the message itself when it found none. */
  private count(outcome: 'sent' | 'queued' | 'displaced' | 'full', lost?: 'own' | 'forwarded'): void {
    const { counters } = this.ctx;
    if (outcome === 'displaced' || (outcome === 'full' && lost === 'forwarded')) counters.droppedForwarded++;
    else if (outcome === 'full' && lost === 'own') counters.droppedOwn++;
  }
}

const NONE: readonly Uint8Array[] = [];
const NO_LINKS: readonly LinkId[] = [];

function bytesOfFrame(frame: Frame): Uint8Array {
  return frame.bytes;
}

const FAILURES: Readonly<Record<NoRouteCause, Reason>> = {
  'no-route': 'unreachable',
  'hop-limit': 'hop-limit',
  overloaded: 'overloaded',
  duplicate: 'unreachable',
};

function startsWith(id: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (id[i] !== prefix[i]) return false;
  return true;
}
