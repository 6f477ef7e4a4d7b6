import { createNanoEvents } from 'nanoevents';
import { describe, expect, test } from 'vitest';
import type { Input, Output } from '../core/io.ts';
import { asNodeId } from '../core/id/node-id.ts';
import type { NodeSnapshot } from '../core/snapshot.ts';
import type { CryptoJobs } from '../identity/crypto-jobs.ts';
import type { Transport, TransportEvents } from '../transport/transport.ts';
import { SleepAwareClock, type Clock } from './clock.ts';
import type { HeldView } from '../core/store/store-io.ts';
import { ASLEEP_MS, NodeDriver, type DrivenNode } from './node-driver.ts';

/** A node that answers inputs as the test says, and holds the driver to the contract. */
class ScriptedNode implements DrivenNode {
  readonly inputs: { input: Input; now: number }[] = [];
  outputs: Output[] = [];
  timeoutAt = Infinity;
  onInput: (input: Input) => void = () => {};

  handleInput(input: Input, now: number): void {
    expect(this.outputs).toEqual([]);
    expect(now).toBeGreaterThanOrEqual(this.inputs.at(-1)?.now ?? 0);
    this.inputs.push({ input, now });
    this.onInput(input);
  }

  pollOutput(): Output | undefined {
    return this.outputs.shift();
  }

  nextTimeout(): number {
    return this.timeoutAt;
  }

  snapshot(): NodeSnapshot {
    throw new Error('not needed here');
  }

  held(): HeldView[] {
    return [];
  }

  get types(): string[] {
    return this.inputs.map(({ input }) => input.type);
  }
}

/** Writes down what it is told to do, and says what the test wants said. */
class RecordingTransport implements Transport {
  readonly calls: unknown[][] = [];
  readonly events = createNanoEvents<TransportEvents>();
  dial = (...call: unknown[]): void => void this.calls.push(['dial', ...call]);
  accept = (...call: unknown[]): void => void this.calls.push(['accept', ...call]);
  signal = (...call: unknown[]): void => void this.calls.push(['signal', ...call]);
  transmit = (...call: unknown[]): void => void this.calls.push(['transmit', ...call]);
  hangUp = (...call: unknown[]): void => void this.calls.push(['hangUp', ...call]);
  close = (): void => void this.calls.push(['close']);
  on<Name extends keyof TransportEvents>(name: Name, listener: TransportEvents[Name]): () => void {
    return this.events.on(name, listener);
  }
}

function setUp(crypto: CryptoJobs = async () => ({ type: 'failed' })) {
  const node = new ScriptedNode();
  const transport = new RecordingTransport();
  const served: unknown[][] = [];
  const alarm = { delayMs: undefined as number | undefined, sets: 0, ring: (): void => {}, stopped: false };
  const time = { now: 1_000 };
  const clock: Clock = { now: () => time.now, toEpoch: (at) => at };
  const driver = new NodeDriver({
    node,
    transport,
    crypto,
    clock,
    signaling: {
      signal: (...call) => served.push(['signal', ...call]),
      introduce: () => void served.push(['introduce']),
    },
    createTimer: (onAlarm) => {
      alarm.ring = onAlarm;
      return {
        set: (delayMs) => {
          alarm.delayMs = delayMs;
          alarm.sets++;
        },
        stop: () => {
          alarm.stopped = true;
        },
      };
    },
  });
  return { node, transport, served, alarm, time, driver };
}

const peer = asNodeId(new Uint8Array(32).fill(7));
const bytes = new Uint8Array([1, 2, 3]);

describe('driver', () => {
  test('[DR1] every output is performed, in order, before the next input', () => {
    const { node, transport, served, driver } = setUp();
    node.onInput = (input) => {
      if (input.type !== 'command') return;
      node.outputs.push(
        { type: 'dial', link: 1, peer },
        { type: 'accept', link: 2, peer },
        { type: 'signal', link: 2, data: bytes },
        { type: 'transmit', link: 3, bytes },
        { type: 'hang-up', link: 3, reason: 'unneeded' },
        { type: 'server-signal', to: peer, data: bytes },
        { type: 'server-introduce' },
      );
    };
    driver.command({ type: 'start' });
    expect(transport.calls).toEqual([
      ['dial', 1, peer],
      ['accept', 2, peer],
      ['signal', 2, bytes],
      ['transmit', 3, bytes],
      ['hangUp', 3, 'unneeded'],
    ]);
    expect(served).toEqual([['signal', peer, bytes], ['introduce']]);
  });

  test('[DR2] what links tell becomes inputs', () => {
    const { node, transport, driver } = setUp();
    transport.events.emit('signal', 1, bytes);
    transport.events.emit('up', 1, bytes);
    transport.events.emit('frame', 1, bytes);
    transport.events.emit('pressure', 1, true);
    transport.events.emit('down', 1, 'closed');
    expect(node.types).toEqual(['signal-out', 'link-up', 'frame', 'link-pressure', 'link-down']);
    driver.stop();
    transport.events.emit('frame', 1, bytes);
    expect(node.inputs.length).toBe(5);
  });

  test('[DR3] an input that comes while the node is at work waits for its turn', () => {
    const { node, driver } = setUp();
    node.onInput = (input) => {
      if (input.type === 'command') {
        node.outputs.push({ type: 'event', event: { type: 'nodes', added: [], removed: [] } });
      }
    };
    driver.on('event', () => driver.wake());
    driver.command({ type: 'start' });
    expect(node.types).toEqual(['command', 'wake']);
  });

  test('[DR4] crypto is answered, a job that rejects as failed', async () => {
    const { node, driver } = setUp(async (request) => {
      if (request.type === 'open') throw new Error('bug in a job');
      return { type: 'signed', signature: bytes };
    });
    node.onInput = (input) => {
      if (input.type !== 'command') return;
      node.outputs.push({ type: 'crypto', job: 1, request: { type: 'sign', bytes } });
      node.outputs.push({ type: 'crypto', job: 2, request: { type: 'open', bytes } });
    };
    driver.command({ type: 'start' });
    while (node.inputs.length < 3) await Promise.resolve();
    expect(node.inputs.slice(1).map(({ input }) => input)).toEqual([
      { type: 'crypto-done', job: 1, result: { type: 'signed', signature: bytes } },
      { type: 'crypto-done', job: 2, result: { type: 'failed' } },
    ]);
  });

  test('[DR5] the alarm is set for the deadline, moved only forward, and wakes the node', () => {
    const { node, alarm, time, driver } = setUp();
    node.timeoutAt = 1_500;
    driver.command({ type: 'start' });
    expect(alarm).toMatchObject({ delayMs: 500, sets: 1 });
    node.timeoutAt = 2_000;
    driver.wake();
    expect(alarm.sets).toBe(1);
    node.timeoutAt = 1_200;
    driver.wake();
    expect(alarm).toMatchObject({ delayMs: 200, sets: 2 });
    time.now = 1_200;
    node.timeoutAt = 2_000;
    alarm.ring();
    expect(node.types.at(-1)).toBe('wake');
    expect(alarm).toMatchObject({ delayMs: 800, sets: 3 });
  });

  test('[DR6] an alarm far too late is a sleep, a slightly late one is not', () => {
    const { node, alarm, time, driver } = setUp();
    const slept: number[] = [];
    driver.on('asleep', (forMs) => slept.push(forMs));
    node.timeoutAt = 1_100;
    driver.command({ type: 'start' });
    time.now = 1_100 + ASLEEP_MS - 1;
    node.timeoutAt = 10_000;
    alarm.ring();
    expect(slept).toEqual([]);
    time.now = 70_000;
    alarm.ring();
    expect(slept).toEqual([60_000]);
  });

  test('[DR7] a node that breaks a rule is stopped once, with its links; nothing throws at the caller', () => {
    const { node, transport, alarm, driver } = setUp();
    const crashes: string[] = [];
    driver.on('crashed', (error) => crashes.push(error.message));
    node.onInput = () => {
      throw new Error('time never decreases');
    };
    driver.command({ type: 'start' });
    driver.wake();
    expect(crashes).toEqual(['time never decreases']);
    expect(driver.error?.message).toBe('time never decreases');
    expect(transport.calls).toEqual([['close']]);
    expect(alarm.stopped).toBe(true);
    expect(node.inputs.length).toBe(1);
  });

  test('[DR8] what the node asked for before it was stopped is still done', () => {
    const { node, transport, driver } = setUp();
    node.onInput = () => {
      node.outputs.push({ type: 'event', event: { type: 'state', state: 'left', complete: false } });
      node.outputs.push({ type: 'transmit', link: 1, bytes });
    };
    driver.on('event', () => driver.stop());
    driver.command({ type: 'leave' });
    expect(transport.calls).toEqual([['transmit', 1, bytes]]);
  });
});

describe('clock', () => {
  test('[DR9] a sleep that the monotonic clock missed is added; small adjustments are not; time never goes back', () => {
    const sources = { monotonicAt: 100, wallAt: 1_000_000 };
    const clock = new SleepAwareClock({ monotonic: () => sources.monotonicAt, wall: () => sources.wallAt });
    expect(clock.now()).toBe(100);
    sources.monotonicAt += 50;
    sources.wallAt += 50 + 4_000;
    expect(clock.now()).toBe(150);
    sources.monotonicAt += 10;
    sources.wallAt += 10 + 60_000;
    expect(clock.now()).toBe(60_160);
    sources.wallAt -= 500_000;
    expect(clock.now()).toBe(60_160);
    sources.monotonicAt += 5;
    sources.wallAt += 5;
    expect(clock.now()).toBe(60_165);
    expect(clock.toEpoch(60_165 - 1_000)).toBe(sources.wallAt - 1_000);
  });
});
