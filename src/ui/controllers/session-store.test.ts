import { describe, expect, it } from 'vitest';
import type {
  BroadcastOptions,
  EventHandler,
  GroupOptions,
  Key,
  Message,
  MessageHandler,
  Overlay,
  OverlayEvent,
  Payload,
  Receipt,
  Snapshot,
} from '../../session/api.ts';
import type { GetResult, HeldRecordView, PutResult } from '../../session/store-api.ts';
import { countersOf, idOf, receiptOf, sentOf, settledOf, snapshotOf } from '../test-data.ts';
import type { FrameClock } from './frame-loop.ts';
import { SessionStore } from './session-store.ts';

/** Frames and timers that happen when the test says so; a frame comes so late and takes so long to reach the screen. */
class HandClock implements FrameClock {
  time = 0;
  lateMs = 0;
  drawingMs = 0;
  frames: (() => void)[] = [];
  timers: { readonly at: number; readonly run: () => void }[] = [];
  repeating: (() => void) | undefined;
  now(): number {
    return this.time;
  }
  requestFrame(callback: () => void): number {
    return this.frames.push(callback);
  }
  cancelFrame(): void {
    this.frames = [];
  }
  setRepeating(callback: () => void): number {
    this.repeating = callback;
    return 1;
  }
  clearRepeating(): void {
    this.repeating = undefined;
  }
  setTimer(callback: () => void, delayMs: number): number {
    return this.timers.push({ at: this.time + delayMs, run: callback });
  }
  clearTimer(): void {
    this.timers = [];
  }
  /** Time passes, then comes a frame. */
  frame(afterMs = 16): void {
    const frameMs = Math.min(16, afterMs);
    this.time += afterMs - frameMs;
    this.ring();
    this.time += frameMs;
    this.ring();
    if (this.frames.length > 0) this.time += this.lateMs;
    const frames = this.frames.splice(0);
    for (const callback of frames) callback();
    if (frames.length > 0) this.time += this.drawingMs;
    this.ring();
  }
  private ring(): void {
    const due = this.timers.filter(({ at }) => at <= this.time);
    this.timers = this.timers.filter(({ at }) => at > this.time);
    for (const { run } of due) run();
  }
}

const STORE_RESULT = { ok: true, key: idOf('c'), requests: 0, steps: [], tookMs: 1 } as const;

/** An overlay whose node is the test. */
class HandOverlay implements Overlay {
  readonly id = idOf('a');
  readonly room = 'demo';
  readonly ready = Promise.resolve();
  snapshots = 0;
  left = false;
  events = new Set<EventHandler>();
  messages = new Set<MessageHandler>();
  receipt: Receipt = receiptOf({ message: 'm1' });
  /** Options of the messages to many. */
  asked: (GroupOptions | BroadcastOptions | undefined)[] = [];

  closest = async (): Promise<Receipt> => this.receipt;
  direct = async (): Promise<Receipt> => this.receipt;
  neighbour = async (): Promise<Receipt> => Promise.reject(new TypeError('A node id is text.'));
  fromGroup = async (): Promise<Receipt> => this.receipt;
  group = async (_key: Key, _payload: Payload, options?: GroupOptions): Promise<Receipt> => {
    this.asked.push(options);
    return this.receipt;
  };
  broadcast = async (_payload: Payload, options?: BroadcastOptions): Promise<Receipt> => {
    this.asked.push(options);
    return this.receipt;
  };
  request = async (): Promise<Receipt & { reply: string }> => ({ ...this.receipt, reply: 'pong' });
  lookup = async (): Promise<Receipt & { found: readonly string[] }> => ({
    ...this.receipt,
    found: [idOf('b')],
  });
  onMessage(handler: MessageHandler): () => void {
    this.messages.add(handler);
    return () => this.messages.delete(handler);
  }
  onEvent(handler: EventHandler): () => void {
    this.events.add(handler);
    return () => this.events.delete(handler);
  }
  snapshot(): Snapshot {
    this.snapshots += 1;
    return snapshotOf({ takenAt: this.snapshots * 1_000, counters: countersOf({ sent: this.snapshots }) });
  }
  ping(): void {}
  put = async (): Promise<PutResult> => ({ ...STORE_RESULT, sequence: 1, acknowledgedBy: [], refusedBy: [] });
  forget = this.put;
  get = async (): Promise<GetResult> => ({ ...STORE_RESULT, records: [] });
  watch(): () => void {
    return () => {};
  }
  records(): HeldRecordView[] {
    return [];
  }
  async leave(): Promise<void> {
    this.left = true;
  }
  emit(...all: readonly OverlayEvent[]): void {
    for (const event of all) for (const handler of this.events) handler(event);
  }
}

function start(): { readonly clock: HandClock; readonly overlay: HandOverlay; readonly store: SessionStore } {
  const clock = new HandClock();
  const overlay = new HandOverlay();
  const store = new SessionStore(clock);
  store.attach(overlay);
  clock.frame();
  return { clock, overlay, store };
}

const LINK: OverlayEvent = { at: 1, type: 'link', peer: idOf('b'), state: 'up' };

describe('session store', () => {
  it('reads the node once a frame at most, however much happens', () => {
    const { clock, overlay, store } = start();
    const before = overlay.snapshots;
    for (let count = 0; count < 1_000; count += 1) overlay.emit(LINK);
    expect(overlay.snapshots).toBe(before);
    expect(clock.frames).toHaveLength(1);
    clock.frame(1_000);
    expect(overlay.snapshots).toBe(before + 1);
    expect(store.log.size).toBe(1_000);
  });

  it('shows what happens after a rest at once, and a stream five times a second, the counters once', () => {
    const { clock, overlay, store } = start();
    clock.frame(1_000);
    let drawings = 0;
    store.subscribe(['log'], () => (drawings += 1));
    const before = overlay.snapshots;
    overlay.emit(sentOf('first'));
    clock.frame();
    expect(drawings).toBe(1);
    for (let frame = 0; frame < 120; frame += 1) {
      overlay.emit(sentOf(`m${frame}`));
      clock.frame();
    }
    expect(drawings).toBeGreaterThan(8);
    expect(drawings).toBeLessThanOrEqual(11);
    expect(overlay.snapshots - before).toBeGreaterThanOrEqual(2);
    expect(overlay.snapshots - before).toBeLessThanOrEqual(3);
  });

  it('draws a stream more seldom where frames come late', () => {
    const { clock, overlay, store } = start();
    let drawings = 0;
    store.subscribe(['log'], () => (drawings += 1));
    clock.lateMs = 100;
    for (let frame = 0; frame < 300; frame += 1) {
      overlay.emit(sentOf(`m${frame}`));
      clock.frame();
    }
    expect(drawings).toBeGreaterThanOrEqual(4);
    expect(drawings).toBeLessThanOrEqual(9);
  });

  it('draws a stream more seldom where drawing takes long, and what a person does at once', () => {
    const { clock, overlay, store } = start();
    clock.drawingMs = 100;
    let drawings = 0;
    store.subscribe(['log'], () => (drawings += 1));
    for (let frame = 0; frame < 300; frame += 1) {
      overlay.emit(sentOf(`m${frame}`));
      clock.frame();
    }
    expect(drawings).toBeGreaterThanOrEqual(4);
    expect(drawings).toBeLessThanOrEqual(9);
    let chosen = 0;
    store.subscribe(['selection'], () => (chosen += 1));
    for (const id of ['b', 'c', 'd']) {
      store.selectNode(idOf(id));
      clock.frame();
    }
    expect(chosen).toBe(3);
    overlay.emit(sentOf('own'));
    store.touch('sends');
    clock.frame();
    expect(store.log.rowsOf('own')).toHaveLength(1);
  });

  it('asks for no frame when nothing happens, and for one a second for ages', () => {
    const { clock, overlay } = start();
    expect(clock.frames).toHaveLength(0);
    const before = overlay.snapshots;
    clock.repeating?.();
    clock.frame(1_000);
    expect(overlay.snapshots).toBe(before + 1);
    expect(clock.frames).toHaveLength(0);
  });

  it('loses no event between two drawings of the log', () => {
    const { clock, overlay, store } = start();
    clock.frame(1_000);
    for (let frame = 0; frame < 20; frame += 1) {
      overlay.emit(sentOf(`m${frame}`));
      clock.frame(10);
    }
    clock.frame(100);
    expect(store.logView.rows).toHaveLength(20);
  });

  it('counts events that came while the page was hidden and did not fit', () => {
    const { clock, overlay, store } = start();
    clock.frame(1_000);
    for (let count = 0; count < 20_010; count += 1) overlay.emit(LINK);
    clock.frame(1_000);
    expect(store.log.size).toBe(20_000);
    expect(store.log.droppedCount).toBe(10);
  });

  it('reads the node at once when a person is about to act', () => {
    const { overlay, store } = start();
    const before = overlay.snapshots;
    store.readNow();
    expect(overlay.snapshots).toBe(before + 1);
    expect(store.snapshot?.takenAt).toBe(overlay.snapshots * 1_000);
  });

  it('tells only those who listen for what changed', () => {
    const { clock, overlay, store } = start();
    clock.frame(1_000);
    const heard: string[] = [];
    store.subscribe(['log'], () => heard.push('log'));
    const stop = store.subscribe(['selection'], () => heard.push('selection'));
    overlay.emit(LINK);
    clock.frame(1_000);
    store.selectNode(idOf('b'));
    clock.frame();
    stop();
    store.selectNode(undefined);
    clock.frame();
    expect(heard).toEqual(['log', 'selection']);
  });

  it('follows the way of the chosen message until its receipt is there', () => {
    const { clock, overlay, store } = start();
    clock.frame(1_000);
    overlay.emit(sentOf('m1', { nextHop: idOf('c') }));
    clock.frame();
    store.selectMessage('m1');
    expect(store.selection.path?.stops.map((stop) => stop.id)).toEqual([idOf('a'), idOf('c')]);
    clock.frame(1_000);
    overlay.emit(settledOf('m1', receiptOf({ path: [idOf('a'), idOf('c'), idOf('b')] })));
    clock.frame();
    expect(store.selection.path).toMatchObject({ whole: true });
    expect(store.selection.path?.stops).toHaveLength(3);
  });

  it('sends each kind and keeps what became of it, misuse included', async () => {
    const { overlay, store } = start();
    const form = {
      target: idOf('b'),
      payload: 'x',
      groupSize: 3,
      scope: 'network',
      asRequest: false,
      timeoutMs: undefined,
    } as const;
    const results: string[] = [];
    for (const action of ['closest', 'direct', 'group', 'neighbour', 'broadcast', 'lookup'] as const) {
      const entry = await store.sends.send(overlay, { ...form, action }, () => store.touch('sends'));
      results.push(`${action} ${entry.receipt?.ok ?? entry.misuse}`);
    }
    const request = await store.sends.send(overlay, { ...form, action: 'direct', asRequest: true }, () => {});
    expect(results).toEqual([
      'closest true',
      'direct true',
      'group true',
      'neighbour A node id is text.',
      'broadcast true',
      'lookup true',
    ]);
    expect(overlay.asked).toEqual([{ size: 3 }, { scope: 'network' }]);
    expect(request.reply).toBe('pong');
    expect(store.sends.entries.map((entry) => entry.number)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    store.selectSend(request);
    expect(store.selection).toMatchObject({ message: 'm1', path: { whole: true, target: idOf('b') } });
  });

  it('answers requests with an echo, unless told not to, and lists what came', async () => {
    const { clock, overlay, store } = start();
    const message: Message = {
      id: 'm9',
      kind: 'direct',
      origin: idOf('b'),
      target: idOf('a'),
      exact: true,
      hops: 2,
      payload: 'hi',
      wantsReply: true,
    };
    const [handler] = overlay.messages;
    clock.frame(1_000);
    expect(await handler?.(message)).toEqual({ echo: 'hi', by: idOf('a'), hops: 2 });
    expect(await handler?.({ ...message, payload: 'x'.repeat(60_000) })).toMatchObject({
      echo: '60000 characters or bytes',
    });
    expect(await handler?.({ ...message, wantsReply: false })).toBeUndefined();
    store.echo = false;
    expect(await handler?.({ ...message, payload: 'last' })).toBeUndefined();
    clock.frame();
    expect(store.received).toHaveLength(4);
    expect(store.received[0]?.message.payload).toBe('last');
    for (let count = 0; count < 400; count += 1) await handler?.({ ...message, hops: count });
    clock.frame(1_000);
    expect(store.received).toHaveLength(50);
    expect(store.received[0]?.message.hops).toBe(399);
  });

  it('lets go of an overlay completely', () => {
    const { clock, overlay, store } = start();
    overlay.emit(LINK);
    store.detach();
    clock.frame();
    expect(overlay.events.size + overlay.messages.size).toBe(0);
    expect(store.snapshot).toBeUndefined();
    expect(store.log.size).toBe(0);
    expect(clock.repeating).toBeUndefined();
  });
});
