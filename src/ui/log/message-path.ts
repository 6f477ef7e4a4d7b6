/**
 * The way a message took, as far as this node knows it: the whole of it from a receipt, or the part around this node
 * when it only passed by or was received. Pure.
 */

import type { GeometryName, Id, Receipt } from '../../session/api.ts';
import { xorText } from '../model/peers.ts';
import { clockwiseText } from '../model/ring.ts';
import { isWayKnown, type LogRow } from './rows.ts';

export interface PathStop {
  readonly id: Id;
  /** How many hops the message had made when it got there; `undefined` where nobody told us. */
  readonly hop: number | undefined;
  /** True when hops between the stop before and this one are not known. */
  readonly afterGap: boolean;
  /** Where the arrow comes from in a lookup: who named the node. `undefined` for the stop before. */
  readonly from?: Id | undefined;
}

/** A way that was tried in vain. */
export interface FailedTry {
  /** The hop that tried. */
  readonly by: Id;
  readonly failedHop: Id;
  /** Where the message went instead, if it went anywhere else. */
  readonly nextHop: Id | undefined;
  /** A reason code; `retryText` has the words. */
  readonly reason: string;
}

export interface MessagePath {
  readonly stops: readonly PathStop[];
  /** What this tab saw fail, oldest first. */
  readonly tries: readonly FailedTry[];
  /** True when every hop is known. */
  readonly whole: boolean;
  /** The key or id it was sent to. */
  readonly target: Id | undefined;
  /** True for the steps of a lookup: nodes asked, not hops of one message. */
  readonly isLookup?: boolean;
}

/** A path whose every hop is known, such as a receipt's. */
export function wholePath(
  path: readonly Id[],
  target: Id | undefined,
  tries: readonly FailedTry[] = [],
): MessagePath {
  const stops = path.map((id, hop) => ({ id, hop, afterGap: false }));
  return { stops, tries, whole: path.length > 0, target };
}

/** The ways this node tried in vain for a message: from its rows, and what only the receipt of an own one still tells. */
export function triesOf(
  rows: readonly LogRow[],
  self: Id | undefined,
  receipt?: Receipt,
): readonly FailedTry[] {
  if (self === undefined) return [];
  const seen = rows.flatMap(({ event }): FailedTry[] => {
    if (event.type !== 'retry') return [];
    const { failedHop, nextHop, reason } = event;
    return [{ by: self, failedHop, nextHop, reason }];
  });
  const told = (receipt?.tried ?? []).filter(
    ({ peer, reason }) => !seen.some((tried) => tried.failedHop === peer && tried.reason === reason),
  );
  return [
    ...seen,
    ...told.map(({ peer, reason }) => ({ by: self, failedHop: peer, nextHop: undefined, reason })),
  ];
}

/** True when the message went that way in the end: a hop that was silent may have been slow only. */
export function cameThrough({ stops }: MessagePath, tried: FailedTry): boolean {
  return stops.some((stop, index) => stop.id === tried.by && stops[index + 1]?.id === tried.failedHop);
}

/**
 * True for a hop to a node that is not nearer to the target than the one before it: taken for the sake of whom it is
 * linked to, or because nearer ways failed.
 */
export function isSidestep(path: MessagePath, index: number, geometry: GeometryName): boolean {
  const { stops, target, isLookup } = path;
  if (isLookup) return false;
  const [from, to] = [stops[index - 1], stops[index]];
  if (from === undefined || to === undefined || to.afterGap || target === undefined) return false;
  if (geometry === 'kademlia') return xorText(to.id, target) >= xorText(from.id, target);
  return !(path.whole && index === stops.length - 1) && !leadsOn(from.id, to.id, target);
}

/** On a ring a message goes clockwise towards its target, or to a node that follows it less far than it still was to go. */
function leadsOn(from: Id, to: Id, target: Id): boolean {
  const [toGo, past] = [clockwiseText(from, target), clockwiseText(target, from)];
  const isAhead = clockwiseText(to, target) < toGo;
  return isAhead || clockwiseText(target, to) < (toGo < past ? toGo : past);
}

/** The path of a message from its rows in the log, best knowledge first; `undefined` when they tell nothing. */
export function pathOfRows(rows: readonly LogRow[], self: Id | undefined): MessagePath | undefined {
  const settled = rows.find((row) => row.receipt !== undefined && row.receipt.path.length > 0);
  const receipt = rows.find((row) => row.receipt !== undefined)?.receipt;
  const tries = triesOf(rows, self, receipt);
  if (settled?.receipt !== undefined) return wholePath(settled.receipt.path, settled.target, tries);
  if (self === undefined) return undefined;
  const partial = rows.map((row) => partialPath(row, self, tries)).filter((path) => path !== undefined);
  return partial.sort((a, b) => b.stops.length - a.stops.length)[0];
}

function partialPath(row: LogRow, self: Id, tries: readonly FailedTry[]): MessagePath | undefined {
  const event = row.event;
  switch (event.type) {
    case 'delivered':
      if (!isWayKnown(event, self)) return fromAfar(row, self, tries);
      return joined(row.target, tries, [
        ...before(event.origin, event.lastHop, event.hops, self),
        { id: self, hop: event.hops },
      ]);
    case 'routing': {
      const here = event.hops;
      const stops = [...before(event.origin, event.lastHop, here, self), { id: self, hop: here }];
      return joined(row.target, tries, [...stops, ...after(event.nextHop, here, tries)]);
    }
    case 'sent':
      return joined(row.target, tries, [{ id: self, hop: 0 }, ...after(event.nextHop, 0, tries)]);
    default:
      return undefined;
  }
}

interface KnownStop {
  readonly id: Id;
  readonly hop: number;
}

/** Origin and previous hop, without naming a node twice. `hops` is the count on arrival here. */
function before(origin: Id, lastHop: Id | undefined, hops: number, self: Id): readonly KnownStop[] {
  const stops: KnownStop[] = [];
  if (origin !== self || hops > 0) stops.push({ id: origin, hop: 0 });
  if (lastHop !== undefined && lastHop !== origin) stops.push({ id: lastHop, hop: hops - 1 });
  return stops;
}

/** Where it went from here: the last way that did not come to nothing. `here` is this node's own count. */
function after(nextHop: Id | undefined, here: number, tries: readonly FailedTry[]): readonly KnownStop[] {
  const failed = new Set(tries.map((tried) => tried.failedHop));
  const id = [nextHop, ...tries.map((tried) => tried.nextHop)].findLast(
    (hop) => hop !== undefined && !failed.has(hop),
  );
  return id === undefined ? [] : [{ id, hop: here + 1 }];
}

/** Only the two ends are known. */
function fromAfar({ origin, target }: LogRow, self: Id, tries: readonly FailedTry[]): MessagePath {
  const from = origin === undefined ? [] : [{ id: origin, hop: 0, afterGap: false }];
  return { stops: [...from, { id: self, hop: undefined, afterGap: true }], tries, whole: false, target };
}

function joined(
  target: Id | undefined,
  tries: readonly FailedTry[],
  stops: readonly KnownStop[],
): MessagePath {
  const result = stops.map((stop, index): PathStop => {
    const previous = stops[index - 1];
    return { ...stop, afterGap: previous !== undefined && stop.hop - previous.hop > 1 };
  });
  return { stops: result, tries, whole: false, target };
}
