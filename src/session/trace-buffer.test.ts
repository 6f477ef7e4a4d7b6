import { expect, test } from 'vitest';
import type { OverlayEvent } from './api.ts';
import { TRACE_EVENTS_MAX, TraceBuffer } from './trace-buffer.ts';

const event = (at: number): OverlayEvent => ({ at, type: 'asleep', forMs: at });
const times = (buffer: TraceBuffer): number[] => buffer.toArray().map(({ at }) => at);

test('[TB1] the last events are kept in order, older ones are counted', () => {
  const buffer = new TraceBuffer(3);
  expect(times(buffer)).toEqual([]);
  for (let at = 1; at <= 3; at++) buffer.add(event(at));
  expect([times(buffer), buffer.dropped]).toEqual([[1, 2, 3], 0]);
  for (let at = 4; at <= 8; at++) buffer.add(event(at));
  expect([times(buffer), buffer.dropped, buffer.size]).toEqual([[6, 7, 8], 5, 3]);
  buffer.clear();
  expect([times(buffer), buffer.dropped]).toEqual([[], 0]);
  buffer.add(event(9));
  expect(times(buffer)).toEqual([9]);
});

test('[TB2] the limit holds, at it and above', () => {
  const buffer = new TraceBuffer();
  for (let at = 0; at < TRACE_EVENTS_MAX; at++) buffer.add(event(at));
  expect([buffer.size, buffer.dropped]).toEqual([TRACE_EVENTS_MAX, 0]);
  buffer.add(event(TRACE_EVENTS_MAX));
  expect([buffer.size, buffer.dropped, buffer.toArray()[0]!.at]).toEqual([TRACE_EVENTS_MAX, 1, 1]);
  expect(new TraceBuffer(0).size).toBe(0);
});
