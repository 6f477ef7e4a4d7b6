/** The link model with hand-made nodes: a small host that keeps what nodes would have been told, and a real queue. */

import { describe, expect, test } from 'vitest';
import { BROWSER } from '../core/config.ts';
import { asNodeId } from '../core/id/node-id.ts';
import type { Input } from '../core/io.ts';
import { SimCrypto } from './crypto.ts';
import { EventQueue } from './event-queue.ts';
import {
  Network,
  NETWORK_DEFAULTS,
  type LinkEnd,
  type LinkEventKind,
  type NetworkOptions,
} from './network.ts';
import { createSimNode, type SimConfig, type SimNode } from './sim-node.ts';

const CRYPTO = new SimCrypto(1);

class Host {
  readonly seed = 1;
  readonly queue = new EventQueue<() => void>();
  readonly told: { at: number; node: number; input: Input }[] = [];
  readonly network: Network;
  now = 0;

  constructor(options: Partial<NetworkOptions> = {}) {
    this.network = new Network(this, { ...NETWORK_DEFAULTS, delayMsMean: 10, delayMsMin: 10, ...options });
  }

  input(node: SimNode, input: Input): void {
    this.told.push({ at: this.now, node: node.index, input });
    // What a core does with an offer or answer here: it gets to the other end at once.
    if (input.type !== 'signal-out') return;
    const end = node.links.get(input.link);
    const peer = end && this.network.find(end.peerId);
    if (end === undefined || peer === undefined) return;
    if (!end.isAnswering) this.network.accept(peer, ANSWERING, node.id);
    this.network.signal(peer, end.isAnswering ? DIALLED : ANSWERING, input.data);
  }

  scheduleLink(delayMs: number, kind: LinkEventKind, end: LinkEnd, bytes: Uint8Array): void {
    this.queue.push(this.now + delayMs, () => this.network.handle(kind, end, bytes));
  }

  addNode(index: number, config: SimConfig = BROWSER): SimNode {
    const id = asNodeId(new Uint8Array(32).fill(index + 1));
    const node = createSimNode({ index, id, config, contacts: undefined }, CRYPTO);
    node.life = 'running';
    this.network.register(node);
    return node;
  }

  run(untilMs: number): void {
    while (this.queue.peekTime() <= untilMs) {
      this.now = this.queue.peekTime();
      this.queue.pop()?.();
    }
    this.now = untilMs;
  }

  toldTypes(node: SimNode): string[] {
    return this.told.filter((entry) => entry.node === node.index).map((entry) => entry.input.type);
  }
}

function linkedPair(): { host: Host; a: SimNode; b: SimNode } {
  const host = new Host();
  const a = host.addNode(0);
  const b = host.addNode(1);
  host.network.dial(a, DIALLED, b.id);
  host.run(1_000);
  host.told.length = 0;
  return { host, a, b };
}

describe('attempts', () => {
  test('offer and answer carried: both ends get the link at the same time with the record of the other', () => {
    const host = new Host();
    const a = host.addNode(0);
    const b = host.addNode(1);
    host.network.dial(a, DIALLED, b.id);
    expect(host.network.attemptCount).toBe(1);
    host.run(1_000);
    const ups = host.told.filter(({ input }) => input.type === 'link-up');
    expect(ups).toEqual([
      { at: 50, node: 0, input: { type: 'link-up', link: DIALLED, record: b.record } },
      { at: 50, node: 1, input: { type: 'link-up', link: ANSWERING, record: a.record } },
    ]);
    expect(host.network.attemptCount).toBe(0);
    expect(host.network.linkCount).toBe(1);
    host.run(20_000);
    expect(host.toldTypes(a)).not.toContain('link-down');
  });

  test('an attempt with a node at its cap of links is not counted: it ends in no link', () => {
    const host = new Host();
    const [a, b, c] = [host.addNode(0), host.addNode(1), host.addNode(2, { ...BROWSER, linksMax: 1 })];
    host.network.dial(a!, DIALLED, c!.id);
    host.run(1_000);
    expect(host.network.linkChanges).toBe(2);
    host.network.dial(b!, DIALLED, c!.id);
    expect(host.network.attemptCount).toBe(0);
    host.network.hangUp(a!, DIALLED);
    host.run(1_020);
    expect(host.network.linkChanges).toBe(4);
    expect(host.network.attemptCount).toBeGreaterThan(0);
  });

  test('a blocked pair fails at both ends after the time-out', () => {
    const host = new Host({ blocked: 1 });
    const a = host.addNode(0);
    const b = host.addNode(1);
    host.network.dial(a, DIALLED, b.id);
    host.run(20_000);
    expect(host.told.filter(({ input }) => input.type === 'link-up')).toEqual([]);
    for (const node of [a, b]) expect(host.toldTypes(node)).toContain('link-down');
    expect(host.told.at(-1)).toMatchObject({ at: 10_005, input: { type: 'link-down', reason: 'failed' } });
    expect(host.network.attemptCount).toBe(0);
  });

  test('without anybody to answer it times out', () => {
    const host = new Host();
    const a = host.addNode(0);
    host.network.dial(a, DIALLED, asNodeId(new Uint8Array(32).fill(99)));
    host.run(20_000);
    expect(host.told.map(({ at, input }) => [at, input.type])).toEqual([
      [5, 'signal-out'],
      [10_000, 'link-down'],
    ]);
  });

  test('an offer that another node took from its receiver makes no link', () => {
    const host = new Host();
    const a = host.addNode(0);
    const b = host.addNode(1);
    const thief = host.addNode(2);
    host.network.dial(a, DIALLED, b.id);
    host.run(4);
    host.network.accept(thief, 7, a.id);
    host.run(5);
    const offer = host.told.find(({ input }) => input.type === 'signal-out')?.input;
    if (offer?.type !== 'signal-out') throw new Error('no offer');
    host.network.signal(thief, 7, offer.data);
    host.run(20_000);
    expect(host.toldTypes(thief)).toEqual(['link-down']);
  });

  test('garbage as a signal is ignored', () => {
    const host = new Host();
    const a = host.addNode(0);
    host.network.accept(a, 7, asNodeId(new Uint8Array(32).fill(2)));
    for (const length of [0, 1, 8, 9, 300])
      host.network.signal(a, 7, new Uint8Array(length).fill(length % 3));
    host.network.signal(a, 8, new Uint8Array(300));
    host.run(20_000);
    expect(host.toldTypes(a)).toEqual(['link-down']);
  });

  test('a hang-up during the set-up leaves the other end to its time-out', () => {
    const host = new Host();
    const a = host.addNode(0);
    const b = host.addNode(1);
    host.network.dial(a, DIALLED, b.id);
    host.run(20);
    host.network.hangUp(a, DIALLED);
    host.run(20_000);
    expect(host.toldTypes(a)).toEqual(['signal-out']);
    expect(host.toldTypes(b)).toEqual(['signal-out', 'link-down']);
  });
});

describe('links', () => {
  test('frames arrive in order after the delay, the last ones before the end of the link', () => {
    const { host, a, b } = linkedPair();
    host.network.transmit(a, DIALLED, Uint8Array.of(1));
    host.network.transmit(a, DIALLED, Uint8Array.of(2));
    host.network.hangUp(a, DIALLED);
    host.network.transmit(a, DIALLED, Uint8Array.of(3));
    host.run(2_000);
    expect(host.told).toEqual([
      { at: 1_010, node: b.index, input: { type: 'frame', link: ANSWERING, bytes: Uint8Array.of(1) } },
      { at: 1_010, node: b.index, input: { type: 'frame', link: ANSWERING, bytes: Uint8Array.of(2) } },
      { at: 1_010, node: b.index, input: { type: 'link-down', link: ANSWERING, reason: 'closed' } },
    ]);
    expect(host.network.linkCount).toBe(0);
    expect(a.links.size + b.links.size).toBe(0);
  });

  test('an end that hung up hears nothing more', () => {
    const { host, a, b } = linkedPair();
    host.network.transmit(b, ANSWERING, Uint8Array.of(1));
    host.network.hangUp(a, DIALLED);
    host.run(2_000);
    expect(host.toldTypes(a)).toEqual([]);
  });

  test('after a crash the other end learns late or never, what was sent before still arrives', () => {
    for (const seenAfterMs of [5_500, Infinity]) {
      const { host, a, b } = linkedPair();
      host.network.transmit(a, DIALLED, Uint8Array.of(1));
      host.network.cut(a, () => seenAfterMs);
      host.network.transmit(b, ANSWERING, Uint8Array.of(2));
      host.run(60_000);
      const expected = seenAfterMs === Infinity ? ['frame'] : ['frame', 'link-down'];
      expect(host.toldTypes(b)).toEqual(expected);
      expect(host.toldTypes(a)).toEqual([]);
    }
  });

  test('the delay of a pair is the same both ways and lies within the bounds', () => {
    const host = new Host({ delayMsMean: 100, delayMsMin: 60 });
    const nodes = Array.from({ length: 30 }, (_, index) => host.addNode(index));
    const delays = nodes.flatMap((a) =>
      nodes.map((b) => [host.network.delayMs(a, b), host.network.delayMs(b, a)]),
    );
    for (const [there, back] of delays) {
      expect(there).toBe(back);
      expect(there).toBeGreaterThanOrEqual(60);
      expect(there).toBeLessThanOrEqual(140);
    }
  });
});

/** Link numbers as the cores would have given them out. */
const DIALLED = 1;
const ANSWERING = 2;
