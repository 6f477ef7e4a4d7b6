import { expect, test } from 'vitest';
import { BROWSER } from '../core/config.ts';
import { asNodeId } from '../core/id/node-id.ts';
import { toHex } from '../core/id/node-id.ts';
import type { Input } from '../core/io.ts';
import { SimCrypto } from './crypto.ts';
import { EventQueue } from './event-queue.ts';
import { SeededRandom } from './random.ts';
import { SERVER_DEFAULTS, ServerModel } from './server-model.ts';
import { createSimNode, type SimNode } from './sim-node.ts';

class Host {
  readonly queue = new EventQueue<() => void>();
  readonly told: { at: number; node: number; input: Input }[] = [];
  readonly random = new SeededRandom(1, 0);
  readonly server = new ServerModel(this, SERVER_DEFAULTS, new SeededRandom(1, 1));
  now = 0;

  input(node: SimNode, input: Input): void {
    this.told.push({ at: this.now, node: node.index, input });
  }

  schedule(delayMs: number, task: () => void): void {
    this.queue.push(this.now + delayMs, task);
  }

  addNode(index: number): SimNode {
    const id = asNodeId(this.random.bytes(32));
    const node = createSimNode({ index, id, config: BROWSER, contacts: undefined }, new SimCrypto(1));
    node.life = 'running';
    this.server.connect(node);
    return node;
  }

  run(durationMs: number): void {
    const untilMs = this.now + durationMs;
    while (this.queue.peekTime() <= untilMs) {
      this.now = this.queue.peekTime();
      this.queue.pop()?.();
    }
    this.now = untilMs;
  }
}

test('the first node is introduced to nobody, later ones to two near and two random others', () => {
  const host = new Host();
  for (let index = 0; index < 30; index++) {
    host.addNode(index);
    host.run(100);
  }
  const lists = host.told.flatMap(({ input }) => (input.type === 'server-introductions' ? [input.ids] : []));
  expect(lists.map((ids) => ids.length)).toEqual([0, 1, 2, 3, ...Array.from({ length: 26 }, () => 4)]);
  for (const ids of lists) expect(new Set(ids.map(toHex)).size).toBe(ids.length);
  expect(host.server.size).toBe(30);
});

test('signals are relayed after both delays and counted in both directions', () => {
  const host = new Host();
  const a = host.addNode(0);
  const b = host.addNode(1);
  host.run(100);
  const before = host.server.bytesIn + host.server.bytesOut;
  host.told.length = 0;
  host.server.relay(a, b.id, new Uint8Array(300));
  host.run(100);
  expect(host.told).toEqual([
    { at: 120, node: 1, input: { type: 'server-signal', from: a.id, data: new Uint8Array(300) } },
  ]);
  expect(host.server.bytesIn + host.server.bytesOut - before).toBe(2 * 333 + 8 + 4);
});

test('a signal to nobody comes back as undeliverable', () => {
  const host = new Host();
  const a = host.addNode(0);
  const b = host.addNode(1);
  host.run(100);
  host.server.disconnect(b);
  host.told.length = 0;
  host.server.relay(a, b.id, new Uint8Array(3));
  host.run(100);
  expect(host.told).toEqual([{ at: 120, node: 0, input: { type: 'server-undeliverable', to: b.id } }]);
});

test('while the server is down nothing passes; afterwards those who reconnect are known again', () => {
  const host = new Host();
  const a = host.addNode(0);
  const b = host.addNode(1);
  host.run(100);
  host.told.length = 0;
  host.server.stop();
  host.server.relay(a, b.id, new Uint8Array(3));
  host.server.introduce(a);
  host.run(100);
  expect(host.told.map(({ node, input }) => [node, input])).toEqual(
    expect.arrayContaining([
      [0, { type: 'server-state', connected: false }],
      [1, { type: 'server-state', connected: false }],
    ]),
  );
  expect(host.told).toHaveLength(2);
  host.server.restart([a, b]);
  host.run(10_000);
  expect(host.server.size).toBe(2);
});
