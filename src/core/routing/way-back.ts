/**
 * Answers on their way back: along the trail of the message, or, where that is broken, routed towards its origin. A
 * hop looks at what passes: an answer in another's name, or of a node that is not the nearest, is refused, and the
 * search goes on. Rules FW6, FW26-FW28.
 */

import type { NodeContext } from '../context.ts';
import { sameId } from '../id/node-id.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { claimsNearest, ruledOutBy } from '../wire/answer.ts';
import { extendPath, frameBody, pathIds, type Frame } from '../wire/frame.ts';
import { easeDoubt, isUnproven } from './doubt.ts';
import type { Search } from './search.ts';
import type { Trail } from './trails.ts';

/** What the way back asks of its surroundings. */
export interface WayBackHooks {
  /** An answer reached the origin of its message; `from` is undefined when this node answered itself. */
  answered(frame: Frame, from: Link | undefined): void;
  verify(frame: Frame, done: (valid: boolean) => void): void;
  /** An answer passes this node. */
  passing(frame: Frame, from: Link, next: Link): void;
  count(outcome: 'sent' | 'queued' | 'displaced' | 'full', lost?: 'own' | 'forwarded'): void;
}

export class WayBack {
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #search: Search;
  readonly #hooks: WayBackHooks;

  constructor(ctx: NodeContext, links: LinkTable, search: Search, hooks: WayBackHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#search = search;
    this.#hooks = hooks;
  }

  /** Takes an answer from a link, or from this node itself (`from` undefined). */
  onAnswer(frame: Frame, from: Link | undefined): void {
    if (sameId(frame.target, this.#ctx.self.id)) {
      // Not settled yet: a forged answer must not end the search for another way.
      this.#hooks.answered(frame, from);
      return;
    }
    const trail = this.#search.trails.get(frame.message);
    if (trail === undefined || from === undefined || trail.settled || frame.fragment > 0) {
      this.pass(frame, from, trail);
      return;
    }
    if (this.isRefutable(frame, from, trail)) {
      this.#search.refuse(frame, from, 'refused');
      return;
    }
    if (!this.#isWorthChecking(frame, from)) {
      this.pass(frame, from, trail);
      return;
    }
    this.#hooks.verify(frame, (valid) => {
      if (!valid) {
        this.#search.refuse(frame, from, 'forged');
        return;
      }
      from.answersProven++;
      this.pass(frame, from, trail);
    });
  }

  /** Sends an answer on towards the origin of its message. */
  pass(frame: Frame, from: Link | undefined, trail: Trail | undefined): void {
    if (from !== undefined) easeDoubt(from, this.#ctx.now);
    if (trail !== undefined) {
      trail.answered = true;
      if (!trail.settled) this.#search.trails.settle(trail);
    }
    const back = trail === undefined ? undefined : this.#links.get(trail.from);
    const isOpen = back !== undefined && back !== from && !back.suspect;
    const next = isOpen ? back : this.#peerTowards(frame, from);
    const { lifeMs } = frame;
    if (next === undefined || frame.hops >= frame.hopLimit || lifeMs === 0) return;
    const outcome = next.sendMessage(extendPath(frame, this.#ctx.self.id, lifeMs), 'answer');
    this.#hooks.count(outcome, from === undefined ? 'own' : 'forwarded');
    if (outcome !== 'full') this.#ctx.counters.acks++;
    if (from !== undefined && frame.fragment === 0) this.#hooks.passing(frame, from, next);
  }

  /**
   * True when an answer claims to come from the nearest node and this one knows better. Nodes that the answer names as
   * silent do not count, unless this node itself is linked to them and hears them.
   */
  isRefutable(frame: Frame, from: Link | undefined, trail: Trail): boolean {
    const asked = this.#search.firstFrame(trail);
    if (asked === undefined || asked.kind !== 'closest' || asked.service !== 'app') return false;
    if (!this.#ctx.config.failover || from === undefined || !claimsNearest(frameBody(frame))) return false;
    const excused = ruledOutBy(frameBody(frame)).filter((prefix) => !this.#search.next.isHeard(prefix));
    return this.#search.next.knowsBetterThan(frame.origin, asked, trail, excused);
  }

  /** The channel proves what its peer itself says; of what others say, a sample is checked, more of it from strangers. */
  #isWorthChecking(frame: Frame, from: Link): boolean {
    const { config, ports, now } = this.#ctx;
    if (!config.failover || frame.fragments > 1 || sameId(frame.origin, from.id)) return false;
    return isUnproven(from, now) || ports.random.below(config.sampleOneIn) === 0;
  }

  /** An answer whose way back is broken is routed like a direct message, never twice through the same node. */
  #peerTowards(frame: Frame, from: Link | undefined): Link | undefined {
    const peers = this.#links.all;
    const passed = pathIds(frame);
    const [index] = this.#ctx.geometry.nextHops(frame.target, peers, {
      count: 1,
      ignore: passed,
      skip: (peer) => (peer as Link).suspect || peer === from || passed.some((id) => sameId(id, peer.id)),
    });
    return index === undefined ? undefined : peers[index];
  }
}
