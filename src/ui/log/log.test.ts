import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OverlayEvent } from '../../session/api.ts';
import { idOf, receiptOf, sentOf, settledOf } from '../test-data.ts';
import { LogView } from './log-view.ts';
import { isUpkeep } from './rows.ts';
import { TrafficLog } from './traffic-log.ts';

const SELF = idOf('a');

function state(at: number): OverlayEvent {
  return { at, type: 'state', state: 'ready', complete: false };
}

function open(rowsMax = 100): { readonly log: TrafficLog; readonly view: LogView } {
  const log = new TrafficLog(rowsMax);
  log.setSelf(SELF);
  return { log, view: new LogView(log) };
}

describe('traffic log', () => {
  it('completes the row of a message when it is settled', () => {
    const { log } = open();
    log.push(sentOf('m1'));
    expect(log.rows()[0]).toMatchObject({ direction: 'out', outcome: 'pending', origin: SELF });
    log.push(settledOf('m1', receiptOf({ hops: 3, rttMs: 44 })));
    expect(log.rows()).toHaveLength(1);
    expect(log.rows()[0]).toMatchObject({ outcome: 'ok', hops: 3, durationMs: 44, detail: 'received' });
  });

  it('says why a message failed', () => {
    const { log } = open();
    log.push(sentOf('m1'));
    log.push(settledOf('m1', receiptOf({ ok: false, reason: 'timeout', path: [] })));
    expect(log.rows()[0]).toMatchObject({ outcome: 'failed', detail: 'timeout' });
  });

  it('says sent, not received, where nobody answers', () => {
    const { log } = open();
    log.push(sentOf('m1'));
    log.push(settledOf('m1', receiptOf({ by: [], certainty: 'unknown', path: [SELF], hops: 0, rttMs: 1 })));
    log.push(sentOf('m2', { kind: 'broadcast' }));
    const toPeers = receiptOf({ by: [idOf('b'), idOf('c')], path: [SELF], hops: 1, rttMs: 0 });
    const m2 = { message: 'm2', kind: 'broadcast', service: 'app', target: SELF } as const;
    log.push({ at: 2, type: 'settled', ...m2, receipt: toPeers });
    expect(log.rows()).toMatchObject([
      { outcome: 'ok', detail: 'sent', hops: undefined, durationMs: undefined },
      { outcome: 'ok', detail: 'sent', hops: 1, durationMs: undefined },
    ]);
  });

  it('says how many of a group sent what was delivered', () => {
    const { log } = open();
    const members = [idOf('b'), idOf('c'), idOf('d')];
    log.push({
      at: 1,
      type: 'delivered',
      message: 'm1',
      kind: 'direct',
      service: 'app',
      origin: idOf('b'),
      target: SELF,
      exact: true,
      hops: 2,
      bytes: 9,
      fromGroup: { key: idOf('5'), size: 5, members },
    });
    expect(log.rows()).toMatchObject([{ direction: 'in', detail: 'from a group, 3 of 5' }]);
  });

  it('makes a row of its own for a receipt whose message it has forgotten', () => {
    const { log } = open();
    log.push(settledOf('m1'));
    expect(log.rows()).toMatchObject([{ direction: 'out', outcome: 'ok', message: 'm1', peer: idOf('b') }]);
  });

  it('tells a request and its reply of the same id apart', () => {
    const { log } = open();
    log.push(sentOf('m1', { kind: 'reply' }));
    log.push(settledOf('m1'));
    expect(log.rows().map((row) => row.outcome)).toEqual(['pending', 'ok']);
  });

  it('tells a broadcast to peers, which nobody answers, from one to the network, which says how many it reached', () => {
    const { log } = open();
    for (const [message, receipt] of [
      ['m1', receiptOf({ by: [idOf('b'), idOf('c')] })],
      ['m2', receiptOf({ by: [], hops: 0, reached: 1_234 })],
    ] as const) {
      log.push(sentOf(message, { kind: 'broadcast' }));
      log.push({
        at: 2,
        type: 'settled',
        message,
        kind: 'broadcast',
        service: 'app',
        target: idOf('0'),
        receipt,
      });
    }
    expect(log.rows()).toMatchObject([
      { outcome: 'ok', detail: 'sent', hops: 1, durationMs: undefined },
      { outcome: 'ok', detail: '1,234 reached', hops: undefined, durationMs: 12 },
    ]);
  });

  it('makes a row for every kind of event', () => {
    const { log } = open();
    const message = {
      message: 'm',
      kind: 'closest',
      service: 'lookup',
      origin: idOf('b'),
      target: idOf('c'),
    } as const;
    const events: readonly OverlayEvent[] = [
      { at: 1, type: 'delivered', ...message, exact: true, hops: 2, bytes: 9 },
      { at: 2, type: 'routing', ...message, lastHop: idOf('d'), hops: 1, bytes: 9 },
      {
        at: 3,
        type: 'retry',
        message: 'm',
        service: 'app',
        failedHop: idOf('d'),
        nextHop: idOf('e'),
        reason: 'link-down',
      },
      { at: 4, type: 'nodes', added: [idOf('b')], removed: [idOf('c')] },
      { at: 5, type: 'link', peer: idOf('b'), state: 'down', reason: 'left' },
      { at: 6, type: 'link', peer: idOf('b'), state: 'down', reason: 'timeout' },
      { at: 7, type: 'signaling', state: 'offline', problem: 'gone' },
      { at: 8, type: 'malformed', peer: idOf('b'), problem: 'hops above limit' },
      { at: 9, type: 'asleep', forMs: 60_000 },
      { at: 10, type: 'fault', problem: 'A handler failed: no' },
      state(11),
    ];
    for (const event of events) log.push(event);
    expect(log.rows().map((row) => `${row.direction} ${row.kind} ${row.outcome}`)).toEqual([
      'in closest ok',
      'through closest ok',
      'node retry failed',
      'node peers note',
      'node link note',
      'node link failed',
      'node server failed',
      'node malformed failed',
      'node asleep note',
      'node fault failed',
      'node state note',
    ]);
    expect(log.rows().map(isUpkeep).indexOf(false)).toBe(2);
    expect(log.rows()[2]).toMatchObject({ peer: idOf('d'), detail: 'link down, now by e000' });
    expect(log.rows()[3]?.detail).toBe('+b000 −c000');
  });

  it('finds the rows of a message until they are dropped', () => {
    const { log } = open(3);
    log.push(sentOf('m1'));
    log.push(sentOf('m2'));
    log.push({ at: 3, type: 'retry', message: 'm1', service: 'app', failedHop: idOf('d'), reason: 'silent' });
    expect(log.rowsOf('m1').map((row) => row.kind)).toEqual(['direct', 'retry']);
    log.push(state(4));
    expect(log.rowsOf('m1').map((row) => row.kind)).toEqual(['retry']);
    log.push(state(5));
    log.push(state(6));
    expect(log.rowsOf('m1')).toEqual([]);
    log.push(sentOf('m3'));
    log.clear();
    expect(log.rowsOf('m3')).toEqual([]);
  });

  it('keeps the newest rows and counts the dropped ones', () => {
    const { log } = open(1_000);
    for (let at = 0; at < 12_345; at += 1) log.push(state(at));
    expect(log.size).toBe(1_000);
    expect(log.droppedCount).toBe(11_345);
    expect(log.rows()[0]?.at).toBe(11_345);
    log.setRowsMax(10);
    expect(log.rows().map((row) => row.at)).toEqual([
      12335, 12336, 12337, 12338, 12339, 12340, 12341, 12342, 12343, 12344,
    ]);
    log.countDropped(5);
    expect(log.droppedCount).toBe(12_340);
    log.clear();
    expect([log.size, log.droppedCount]).toEqual([0, 0]);
  });
});

describe('view of the log', () => {
  it('hides upkeep until it is asked for', () => {
    const { log, view } = open();
    log.push(sentOf('m1', { service: 'ping' }));
    log.push(sentOf('m2'));
    log.push(sentOf('m3', { service: 'ring' }));
    view.update();
    expect(view.rows.map((row) => row.message)).toEqual(['m2']);
    view.setGroups({ app: false, upkeep: true, node: true });
    expect(view.rows.map((row) => row.message)).toEqual(['m1', 'm3']);
  });

  it('holds what is on show while new rows are counted, and follows again', () => {
    const { log, view } = open();
    log.push(state(1));
    view.update();
    view.hold();
    log.push(state(2));
    log.push(state(3));
    log.push(sentOf('m', { service: 'lookup' }));
    view.update();
    expect(view.rows.map((row) => row.at)).toEqual([1]);
    expect(view.newCount).toBe(2);
    view.release();
    expect(view.rows.map((row) => row.at)).toEqual([1, 2, 3]);
    expect(view.newCount).toBe(0);
  });

  it('keeps held rows that the log drops meanwhile', () => {
    const { log, view } = open(2);
    log.push(state(1));
    view.update();
    view.hold();
    for (const at of [2, 3, 4]) log.push(state(at));
    view.update();
    expect(view.rows.map((row) => row.at)).toEqual([1]);
    view.release();
    expect(view.rows.map((row) => row.at)).toEqual([3, 4]);
  });

  it('holds an empty view, too', () => {
    const { log, view } = open();
    view.hold();
    log.push(state(1));
    view.update();
    expect(view.rows).toEqual([]);
    expect(view.newCount).toBe(1);
  });

  it('filters a held view within what it holds', () => {
    const { log, view } = open();
    log.push(sentOf('m1'));
    log.push(sentOf('m2', { kind: 'closest' }));
    view.update();
    view.hold();
    log.push(sentOf('m3', { kind: 'closest' }));
    view.setFilter('kind:closest');
    expect(view.rows.map((row) => row.message)).toEqual(['m2']);
    expect(view.newCount).toBe(1);
    view.setFilter('nonsense:x');
    expect(view.unknownTerms).toEqual(['nonsense:x']);
  });

  it('clears with the log', () => {
    const { log, view } = open();
    log.push(state(1));
    view.update();
    view.hold();
    view.clear();
    expect(view.rows).toEqual([]);
    log.push(state(2));
    view.update();
    expect(view.newCount).toBe(1);
  });

  /** Naive model: after any mix of events, clears and filters the view equals filtering all rows at once. */
  it('model: step by step gives what filtering everything gives', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.nat(30).map((n) => ({ do: 'send', n }) as const) },
        {
          weight: 6,
          arbitrary: fc.tuple(fc.nat(30), fc.boolean()).map(([n, ok]) => ({ do: 'settle', n, ok }) as const),
        },
        { weight: 2, arbitrary: fc.constant({ do: 'state' } as const) },
        { weight: 4, arbitrary: fc.constant({ do: 'update' } as const) },
        {
          weight: 1,
          arbitrary: fc
            .constantFrom('', 'failed', 'ms:>20', '-pending')
            .map((text) => ({ do: 'filter', text }) as const),
        },
        { weight: 1, arbitrary: fc.constant({ do: 'clear' } as const) },
      ),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const { log, view } = open(20);
        for (const step of all) {
          if (step.do === 'send') log.push(sentOf(`m${step.n}`));
          else if (step.do === 'settle') {
            log.push(settledOf(`m${step.n}`, receiptOf({ ok: step.ok, rttMs: step.n, reason: 'timeout' })));
          } else if (step.do === 'state') log.push(state(1));
          else if (step.do === 'filter') view.setFilter(step.text);
          else if (step.do === 'clear') view.clear();
          else view.update();
        }
        view.update();
        const fresh = new LogView(log);
        fresh.setFilter(view.filterText);
        expect(view.rows.map((row) => row.seq)).toEqual(fresh.rows.map((row) => row.seq));
        expect(log.size).toBeLessThanOrEqual(20);
      }),
      { numRuns: 500 },
    );
  });
});
