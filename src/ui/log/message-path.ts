/**
 * The way a message took, as far as this node knows it: the whole of it from a receipt, or the part around this node
 * when it only passed by or was received. Pure.
 */

import type { Id } from '../../session/api.ts';
import type { LogRow } from './rows.ts';

export interface PathStop {
  readonly id: Id;
  /** How many hops the message had made when it got there; `undefined` where nobody told us. */
  readonly hop: number | undefined;
  /** True when hops between the stop before and this one are not known. */
  readonly afterGap: boolean;
}

export interface MessagePath {
  readonly stops: readonly PathStop[];
  /** True when every hop is known. */
  readonly whole: boolean;
  /** The key or id it was sent to. */
  readonly target: Id | undefined;
}

/** A path whose every hop is known, such as a receipt's. */
export function wholePath(path: readonly Id[], target: Id | undefined): MessagePath {
  return { stops: path.map((id, hop) => ({ id, hop, afterGap: false })), whole: path.length > 0, target };
}

/** The path of a message from its rows in the log, best knowledge first; `undefined` when they tell nothing. */
export function pathOfRows(rows: readonly LogRow[], self: Id | undefined): MessagePath | undefined {
  const settled = rows.find((row) => row.receipt !== undefined && row.receipt.path.length > 0);
  if (settled?.receipt !== undefined) return wholePath(settled.receipt.path, settled.target);
  if (self === undefined) return undefined;
  const partial = rows.map((row) => partialPath(row, self)).filter((path) => path !== undefined);
  return partial.sort((a, b) => b.stops.length - a.stops.length)[0];
}

function partialPath(row: LogRow, self: Id): MessagePath | undefined {
  const event = row.event;
  switch (event.type) {
    case 'delivered':
      return joined(event.target, [
        ...before(event.origin, event.lastHop, event.hops, self),
        { id: self, hop: event.hops },
      ]);
    case 'routing': {
      const here = event.hops;
      const stops: KnownStop[] = [
        ...before(event.origin, event.lastHop, here, self),
        { id: self, hop: here },
      ];
      if (event.nextHop !== undefined) stops.push({ id: event.nextHop, hop: here + 1 });
      return joined(event.target, stops);
    }
    case 'sent': {
      const stops: KnownStop[] = [{ id: self, hop: 0 }];
      if (event.nextHop !== undefined) stops.push({ id: event.nextHop, hop: 1 });
      return joined(event.target, stops);
    }
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

function joined(target: Id, stops: readonly KnownStop[]): MessagePath {
  const result = stops.map((stop, index): PathStop => {
    const previous = stops[index - 1];
    return { ...stop, afterGap: previous !== undefined && stop.hop - previous.hop > 1 };
  });
  return { stops: result, whole: false, target };
}
