import { describe, expect, it } from 'vitest';
import type { OverlayEvent } from '../../session/api.ts';
import { idOf, receiptOf, sentOf, settledOf } from '../test-data.ts';
import { pathOfRows, wholePath, type MessagePath } from './message-path.ts';
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

const passing = { message: 'm', kind: 'closest', service: 'app', target: D, bytes: 9 } as const;

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
    const near: OverlayEvent = {
      at: 1,
      type: 'routing',
      ...passing,
      origin: A,
      lastHop: A,
      nextHop: C,
      hops: 1,
    };
    expect(drawn(pathOf(B, near))).toBe('a0 b1 c2');
    const far: OverlayEvent = { ...near, lastHop: C, nextHop: D, hops: 5 };
    const path = pathOf(B, far);
    expect(drawn(path)).toBe('a0 …c4 b5 d6');
    expect(path?.whole).toBe(false);
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
