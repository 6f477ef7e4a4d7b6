/**
 * Where next? Decides for one message at one node: on to which peer, delivered here, or no further. Looks only, and
 * changes nothing. Rules FW2-FW5, FW19-FW21, FW38.
 */

import type { NodeContext } from '../context.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import type { PeerView } from '../geometry/geometry.ts';
import type { Link } from '../membership/link.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { RULED_OUT_MAX } from '../wire/answer.ts';
import {
  FLAG_SKIP_ORIGIN,
  isMissedEntry,
  isOfApp,
  isRejectedEntry,
  isSilentEntry,
  visitedPrefix,
  type Frame,
  type FrameService,
} from '../wire/frame.ts';
import { isDoubtful } from './doubt.ts';
import type { Trail } from './trails.ts';
import { visitedOf } from './visits.ts';

export type Step =
  /**
   * On to a peer; from now on at most `limit` copies may be spent from here. `mayEnd`: only in search of somebody nearer,
   * and when the search ends the message ends here.
   */
  | {
      readonly to: 'peer';
      readonly link: Link;
      readonly limit: number;
      readonly mayEnd: boolean;
      readonly isDownhill: boolean;
    }
  /** self: it ends here. nobody: every way was tried. nowhere: nobody of that id can be near here. */
  | { readonly to: 'self' | 'nobody' | 'nowhere' };

/** Copies of a closest message that leaves the downhill path because a nearer node is known, or was silent. */
const CLUE_BUDGET = 16;
/** The same when nothing but an incomplete table, or a claim that a complete one belies, says that there may be one. */
const PROBE_BUDGET = 6;
/**
 * Copies of a direct message that are spent although nothing says that its target exists: knowledge may be wrong, above
 * all where a node has just come. A ping asks after a node that most likely is gone, and spends no more whatever speaks
 * for it: where tables are whole, whoever lives is reached downhill.
 */
const ABSENT_BUDGET = { app: 16, upkeep: 6, ping: 4 } as const;
/** One in so many choices ignores what is known about a peer's reliability, so that it can prove itself again. */
const EXPLORE_ONE_IN = 16;
/** Who was heard from within so many heartbeats is there: one of them, and time for its answer. */
const HEARD_BEATS = 1.5;
/** Peers looked at when the best one is doubtful. */
const ALTERNATIVES = 6;

export class NextStep {
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;

  constructor(ctx: NodeContext, links: LinkTable) {
    this.#ctx = ctx;
    this.#links = links;
  }

  of(frame: Frame, trail: Trail): Step {
    const { self, geometry, config } = this.#ctx;
    const { kind, target } = frame;
    const direct = kind === 'direct';
    if (direct ? sameId(target, self.id) : kind === 'group' && geometry.isCloseTo(target, frame.groupSize)) {
      return SELF;
    }
    const visited = visitedOf(frame, trail);
    const ignore = this.#ignored(frame, visited);
    const best = this.#candidate(frame, trail, ignore);
    // The last hop of all needs no budget.
    const isSpent = trail.budget <= 0 && !(direct && best !== undefined && sameId(best.id, target));
    const exhausted = isSpent || frame.hops >= frame.hopLimit;
    const link = exhausted ? undefined : best;
    const isDownhill = link !== undefined && this.#isDownhill(frame, link, ignore);
    if (link !== undefined && (isDownhill || this.#isExcluded(frame))) {
      return { to: 'peer', link, limit: trail.budget, mayEnd: false, isDownhill };
    }
    const claimsBetter = visited.some((entry) => !isSilentEntry(entry) && this.#isBetter(entry, frame));
    const passedBetter = claimsBetter && !this.#isSureOf(frame);
    const clue = this.#sidestepLimit(frame, visited, ignore, passedBetter);
    const limit = claimsBetter && !passedBetter ? Math.max(clue, PROBE_BUDGET) : clue;
    const mayEnd = !direct && !passedBetter && !this.#isExcluded(frame);
    if (link !== undefined && limit > 0 && config.failover) {
      return { to: 'peer', link, limit, mayEnd, isDownhill };
    }
    if (direct) return limit === absentBudget(frame.service) ? NOWHERE : NOBODY;
    if (!mayEnd) return NOBODY;
    // Out of copies or hops, but there is a way on: others may take it. A lookup is helped by what is known here.
    const isEarly = exhausted && config.failover && frame.service === 'app';
    return isEarly && best !== undefined && this.#isDownhill(frame, best, ignore) ? NOBODY : SELF;
  }

  /**
   * True when this node knows somebody nearer to the target than `answerer` whom the message has not visited: a
   * contact, a peer, one of a peer's peers, or this node itself. Then the answerer is not the nearest. Ids that begin
   * with one of `excused` do not count.
   */
  knowsBetterThan(answerer: NodeId, frame: Frame, trail: Trail, excused: readonly Uint8Array[]): boolean {
    const { geometry, self } = this.#ctx;
    const { target } = frame;
    const visited = visitedOf(frame, trail);
    if (!this.#isExcluded(frame) && geometry.compare(target, self.id, answerer) < 0) return true;
    const ignore = [...this.#ignored(frame, visited), ...excused];
    const isNearer = (id: NodeId): boolean =>
      geometry.compare(target, id, answerer) < 0 && !ignore.some((prefix) => startsWith(id, prefix));
    if (geometry.closest(target, ignore.length + 1, false).some(isNearer)) return true;
    const peers = this.#links.all;
    const [index] = geometry.nextHops(target, peers, {
      count: 1,
      ignore,
      skip: (peer) => (peer as Link).suspect,
    });
    const via = index === undefined ? undefined : geometry.bestVia(target, peers[index]!, ignore);
    return via !== undefined && isNearer(via);
  }

  /** True when this node is linked to the one of an id that begins so, and hears from it. */
  isHeard(prefix: Uint8Array): boolean {
    return this.#heardOver(prefix) !== undefined;
  }

  #heardOver(prefix: Uint8Array): Link | undefined {
    const since = this.#ctx.now - HEARD_BEATS * this.#ctx.config.heartbeatMs;
    return this.#links.all.find(
      (link) => !link.suspect && link.lastHeardAt >= since && startsWith(link.id, prefix),
    );
  }

  /** Prefixes of the nodes nearer to the target than this one that said nothing when they were tried. */
  ruledOut(frame: Frame, trail: Trail): Uint8Array[] {
    const entries = visitedOf(frame, trail).filter(
      (entry) => isSilentEntry(entry) && this.#isBetter(entry, frame),
    );
    return entries.slice(-RULED_OUT_MAX).map(visitedPrefix);
  }

  /** The best peer to try; a doubtful one only where no other leads downhill, or now and then. */
  #candidate(frame: Frame, trail: Trail, ignore: readonly Uint8Array[]): Link | undefined {
    const { geometry, config, ports, now } = this.#ctx;
    const peers = this.#links.all;
    const skip = (peer: PeerView): boolean => isUnfit(peer as Link, frame, trail, ignore);
    const [best] = geometry.nextHops(frame.target, peers, { count: 1, ignore, skip });
    if (best === undefined) return undefined;
    const link = peers[best]!;
    if (!config.failover || !isDoubtful(link, now) || sameId(link.id, frame.target)) return link;
    if (ports.random.below(EXPLORE_ONE_IN) === 0) return link;
    const others = geometry.nextHops(frame.target, peers, { count: ALTERNATIVES, ignore, skip });
    const other = others
      .map((index) => peers[index]!)
      .find((peer) => !isDoubtful(peer, now) && this.#isDownhill(frame, peer, ignore));
    return other ?? link;
  }

  #isDownhill(frame: Frame, link: Link, ignore: readonly Uint8Array[]): boolean {
    const { geometry } = this.#ctx;
    const via = geometry.bestVia(frame.target, link, ignore);
    return via !== undefined && geometry.leadsOn(frame.target, via);
  }

  /** Copies worth spending off the downhill path; 0 when nothing says that it would help. */
  #sidestepLimit(
    frame: Frame,
    visited: readonly Uint8Array[],
    ignore: readonly Uint8Array[],
    passedBetter: boolean,
  ): number {
    const { geometry, config } = this.#ctx;
    // Where nothing is learned any more, lookups that were answered prove nothing.
    const isIncomplete = !geometry.isComplete() || !config.repair;
    const knowsBetter = this.#knowsBetter(frame, ignore);
    if (frame.kind === 'direct') {
      if (frame.service === 'ping') return absentBudget(frame.service);
      const isTried = visited.some((entry) => isSilentEntry(entry));
      return passedBetter || knowsBetter || isIncomplete || isTried ? Infinity : absentBudget(frame.service);
    }
    const isSilent = visited.some((entry) => isSilentEntry(entry) && this.#isBetter(entry, frame));
    if (passedBetter || knowsBetter || isSilent) return CLUE_BUDGET;
    return isIncomplete && frame.service === 'app' ? PROBE_BUDGET : 0;
  }

  /** True when this node knows a better holder, linked or not, that the message has not visited. */
  #knowsBetter(frame: Frame, ignore: readonly Uint8Array[]): boolean {
    const { geometry, self } = this.#ctx;
    if (geometry.isResponsible(frame.target)) return false;
    return geometry
      .closest(frame.target, ignore.length + 1, false)
      .some(
        (id) =>
          geometry.compare(frame.target, id, self.id) < 0 && !ignore.some((prefix) => startsWith(id, prefix)),
      );
  }

  /**
   * True when, as far as this node can tell, nobody is nearer to the key of a `closest` message: its table lacks nothing
   * and holds nobody nearer. The visited list is not signed, and what it says of nearer nodes may be made up.
   */
  #isSureOf({ kind, target }: Frame): boolean {
    const { geometry, config } = this.#ctx;
    return kind === 'closest' && config.repair && geometry.isComplete() && geometry.isResponsible(target);
  }

  /** True when the node of an entry is a better holder than this one. */
  #isBetter(entry: Uint8Array, frame: Frame): boolean {
    const { geometry, self } = this.#ctx;
    const prefix = visitedPrefix(entry);
    if (startsWith(self.id, prefix)) return false;
    if ((frame.flags & FLAG_SKIP_ORIGIN) !== 0 && startsWith(frame.origin, prefix)) return false;
    const length = prefix.length;
    const target = frame.target.subarray(0, length) as NodeId;
    return geometry.compare(target, prefix as NodeId, self.id.subarray(0, length) as NodeId) < 0;
  }

  /** A node that looks itself up is not its own answer. */
  #isExcluded(frame: Frame): boolean {
    return (frame.flags & FLAG_SKIP_ORIGIN) !== 0 && sameId(frame.origin, this.#ctx.self.id);
  }

  /** True when this node hears from a peer that others miss, and has no doubts of its own about it. */
  #isSureOfPeer(prefix: Uint8Array): boolean {
    const link = this.#heardOver(prefix);
    return link !== undefined && !isDoubtful(link, this.#ctx.now);
  }

  #ignored(frame: Frame, visited: readonly Uint8Array[]): readonly Uint8Array[] {
    const skipOrigin = (frame.flags & FLAG_SKIP_ORIGIN) !== 0;
    if (visited.length === 0) return skipOrigin ? [frame.origin] : NONE;
    const prefixes: Uint8Array[] = [];
    for (const entry of visited) {
      const prefix = visitedPrefix(entry);
      if (isRejectedEntry(entry) || (isMissedEntry(entry) && this.#isSureOfPeer(prefix))) continue;
      prefixes.push(prefix);
    }
    if (skipOrigin) prefixes.push(frame.origin);
    return prefixes;
  }
}

export function absentBudget(service: FrameService): number {
  if (service === 'ping') return ABSENT_BUDGET.ping;
  return isOfApp(service) ? ABSENT_BUDGET.app : ABSENT_BUDGET.upkeep;
}

function isUnfit(link: Link, frame: Frame, trail: Trail, ignore: readonly Uint8Array[]): boolean {
  // A suspect peer may only be slow, and nobody can stand in for the one node that a message is for.
  const isUnsteady = link.suspect && !(frame.kind === 'direct' && sameId(link.id, frame.target));
  if (isUnsteady || link.link === trail.from || trail.tried.includes(link.link)) return true;
  for (let i = 0; i < ignore.length; i++) if (startsWith(link.id, ignore[i]!)) return true;
  return false;
}

function startsWith(id: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (id[i] !== prefix[i]) return false;
  return true;
}

const NONE: readonly Uint8Array[] = [];
const SELF: Step = { to: 'self' };
const NOBODY: Step = { to: 'nobody' };
const NOWHERE: Step = { to: 'nowhere' };
