import { describe, expect, it } from 'vitest';
import type { OverlayEvent, RetryReason } from '../../session/api.ts';
import { idOf, receiptOf, sentOf, settledOf } from '../test-data.ts';
import { cameThrough, isSidestep, pathOfRows, triesOf, wholePath, type MessagePath } from './message-path.ts';
import { TrafficLog } from './traffic-log.ts';

const [A, B, C, D] = [idOf('a'), idOf('b'), idOf('c'), idOf('d')];

function pathOf(self: string, ...events: readonly OverlayEvent[]): MessagePath | undefined {
  const log = new TrafficLog(10);
  log.setSelf(self);
  for (const event of events) log.push(event);
  return pathOfRows(log.rowsOf('m'), self);
}

function drawn(path: MessagePath | undefined): string {
  return (path?.stops ?? [])
    .map((stop) => `${stop.afterGap ? '…' : ''}${stop.id.charAt(0)}${stop.hop}`)
    .join(' ');
}

/** This tab gave up on one next hop and took another. */
function retryOf(failedHop: string, changes: { reason?: RetryReason; nextHop?: string } = {}): OverlayEvent {
  return { at: 2, type: 'retry', message: 'm', service: 'app', failedHop, reason: 'silent', ...changes };
}

const passing = { message: 'm', kind: 'closest', service: 'app', target: D, bytes: 9 } as const;
/** It came here from its origin and goes on to C. */
const passed = { at: 1, type: 'routing', ...passing, origin: A, lastHop: A, nextHop: C, hops: 1 } as const;

describe('path of a message', () => {
  it('is whole once a receipt tells it', () => {
    const path = pathOf(A, sentOf('m'), settledOf('m', receiptOf({ path: [A, C, B], hops: 2 })));
    expect(path?.whole).toBe(true);
    expect(drawn(path)).toBe('a0 c1 b2');
    expect(path?.target).toBe(B);
  });

  it('is the first hop while the message is under way, or when it failed without a path', () => {
    expect(drawn(pathOf(A, sentOf('m', { nextHop: C })))).toBe('a0 c1');
    expect(
      drawn(pathOf(A, sentOf('m', { nextHop: C }), settledOf('m', receiptOf({ ok: false, path: [] })))),
    ).toBe('a0 c1');
  });

  it('shows what a hop saw of it, with the gap', () => {
    expect(drawn(pathOf(B, passed))).toBe('a0 b1 c2');
    const path = pathOf(B, { ...passed, lastHop: C, nextHop: D, hops: 5 });
    expect(drawn(path)).toBe('a0 …c4 b5 d6');
    expect(path?.whole).toBe(false);
  });

  it('shows only the ends of a copy that came inside a message of another node', () => {
    const event = { at: 1, type: 'delivered', ...passing, exact: false, hops: 0 } as const;
    const path = pathOf(B, { ...event, kind: 'group', origin: A });
    expect(drawn(path)).toBe('a0 …bundefined');
    expect(path).toMatchObject({ whole: false, target: D });
    expect(drawn(pathOf(B, { ...event, kind: 'group', origin: B }))).toBe('b0');
  });

  it('leads nowhere for a broadcast, whose target is nobody', () => {
    expect(pathOf(A, sentOf('m', { kind: 'broadcast', target: idOf('0') }))?.target).toBeUndefined();
  });

  it('shows what the receiver saw of it', () => {
    const event: OverlayEvent = {
      at: 1,
      type: 'delivered',
      ...passing,
      origin: A,
      lastHop: C,
      exact: true,
      hops: 2,
    };
    expect(drawn(pathOf(D, event))).toBe('a0 c1 d2');
    expect(drawn(pathOf(D, { ...event, lastHop: A, hops: 1 }))).toBe('a0 d1');
  });

  it('is one stop for a message to oneself', () => {
    const event: OverlayEvent = { at: 1, type: 'delivered', ...passing, origin: A, exact: false, hops: 0 };
    expect(drawn(pathOf(A, event))).toBe('a0');
    expect(drawn(wholePath([A], undefined))).toBe('a0');
  });

  it('is unknown without rows', () => {
    expect(pathOfRows([], A)).toBeUndefined();
    expect(wholePath([], undefined).whole).toBe(false);
  });
});

describe('what was tried in vain', () => {
  it('stands beside the path, and the next way takes the place of one that failed', () => {
    const path = pathOf(A, sentOf('m', { nextHop: C }), retryOf(C, { reason: 'no-route', nextHop: D }));
    expect(drawn(path)).toBe('a0 d1');
    expect(path?.tries).toEqual([{ by: A, failedHop: C, nextHop: D, reason: 'no-route' }]);
    expect(drawn(pathOf(A, sentOf('m', { nextHop: C }), retryOf(C)))).toBe('a0');
  });

  it('is known at a hop that passes the message on, too', () => {
    expect(drawn(pathOf(B, passed, retryOf(C, { nextHop: D })))).toBe('a0 b1 d2');
  });

  it('comes from the receipt where the log has forgotten it, each failure once', () => {
    const receipt = receiptOf({
      ok: false,
      path: [],
      tried: [
        { peer: C, reason: 'silent' },
        { peer: D, reason: 'refused' },
      ],
    });
    const log = new TrafficLog(10);
    log.push(retryOf(C, { nextHop: D }));
    expect(triesOf(log.rowsOf('m'), A, receipt)).toEqual([
      { by: A, failedHop: C, nextHop: D, reason: 'silent' },
      { by: A, failedHop: D, nextHop: undefined, reason: 'refused' },
    ]);
    expect(triesOf([], A, receipt)).toHaveLength(2);
    expect(triesOf([], undefined, receipt)).toEqual([]);
    const failed = pathOf(A, sentOf('m', { nextHop: C }), settledOf('m', receipt));
    expect(failed?.tries.map((tried) => tried.reason)).toEqual(['silent', 'refused']);
  });

  it('tells of a lookup without an answer where it was under way', () => {
    const receipt = receiptOf({
      ok: false,
      reason: 'timeout',
      path: [],
      tried: [
        { peer: C, reason: 'silent' },
        { peer: D, reason: 'unanswered' },
      ],
    });
    const events = [
      sentOf('m', { service: 'lookup', nextHop: C }),
      retryOf(C, { nextHop: D }),
      settledOf('m', receipt),
    ];
    expect(pathOf(A, ...events)?.tries).toEqual([
      { by: A, failedHop: C, nextHop: D, reason: 'silent' },
      { by: A, failedHop: D, nextHop: undefined, reason: 'unanswered' },
    ]);
  });

  it('tells a hop that was slow from one that failed', () => {
    const events = [sentOf('m', { nextHop: C }), retryOf(C, { nextHop: D })];
    const slow = pathOf(A, ...events, settledOf('m', receiptOf({ path: [A, C, B], hops: 2 })));
    expect(slow?.tries.map((tried) => cameThrough(slow, tried))).toEqual([true]);
    const other = pathOf(A, ...events, settledOf('m', receiptOf({ path: [A, D, B], hops: 2 })));
    expect(other?.tries.map((tried) => cameThrough(other, tried))).toEqual([false]);
  });
});

describe('a sidestep', () => {
  it('is a hop that comes no nearer to the target', () => {
    // Distances from b are: a 1, c 7, d 6.
    const path = wholePath([C, D, A, D, B], B);
    expect(path.stops.map((_, index) => isSidestep(path, index, 'kademlia'))).toEqual([
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(isSidestep(wholePath([A, C], undefined), 1, 'kademlia')).toBe(false);
  });

  it('is judged clockwise on a ring, and the last hop passes the key', () => {
    const judged = (path: MessagePath): boolean[] =>
      path.stops.map((_, index) => isSidestep(path, index, 'chord'));
    const [zero, one] = [idOf('0'), idOf('1')];
    // From d it is two steps to f; by XOR 1 would be as near to it as e is.
    expect(judged(wholePath([D, idOf('e'), idOf('f')], idOf('f')))).toEqual([false, false, false]);
    // Back from d to c, then on over the top.
    expect(judged(wholePath([D, C, zero], zero))).toEqual([false, true, false]);
    // The node of a key lies after it, and so may the one that knows it: but not farther than it was to go.
    expect(judged(wholePath([D, idOf('f'), one], zero))).toEqual([false, false, false]);
    expect(judged({ ...wholePath([D, one, idOf('08')], zero), whole: false })).toEqual([false, false, false]);
    expect(judged({ ...wholePath([D, idOf('5')], zero), whole: false })).toEqual([false, true]);
  });
});
