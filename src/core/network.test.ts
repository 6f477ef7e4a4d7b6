/** Goal: what several nodes promise together. Method: real nodes in a box of fake time, links that the test cuts. */

import { contactsOf } from './snapshot.ts';
import { describe, expect, test } from 'vitest';
import { Box, type BoxNode } from '../test-support/box.ts';
import { sameId } from './id/node-id.ts';
import { compareXor } from './id/xor.ts';
import { FLAG_REQUEST, FRAME_KINDS } from './wire/frame.ts';

const ANSWER = FRAME_KINDS.answer;

/** Nodes in a row: each may link only to its neighbours, so that messages have to hop. */
function row(count: number, more: { ring?: boolean; seed?: number } = {}): { box: Box; nodes: BoxNode[] } {
  const near = (a: number, b: number): boolean => {
    const gap = Math.abs(a - b);
    return gap === 1 || (more.ring === true && gap === count - 1);
  };
  const box = new Box({ seed: more.seed ?? 1, mayLink: near, config: { contactStaleMs: 600_000 } });
  const nodes: BoxNode[] = [];
  for (let i = 0; i < count; i++) {
    const node = box.open();
    nodes.push(node);
    if (i > 0) box.input(node, { type: 'server-introductions', ids: [nodes[i - 1]!.id] });
    box.pass(1_000);
  }
  if (more.ring === true) box.input(nodes[count - 1]!, { type: 'server-introductions', ids: [nodes[0]!.id] });
  box.pass(20_000);
  for (let i = 1; i < count; i++)
    expect(box.linked(nodes[i]!, nodes[i - 1]!), `${i - 1} and ${i}`).toBe(true);
  return { box, nodes };
}

const appFrame = (bytes: Uint8Array): boolean => bytes[1]! >= 0x10 && bytes[3] === 0;
const delivered = (node: BoxNode) =>
  node.events.filter((event) => event.type === 'delivered' && event.service === 'app');

describe('everybody linked to everybody', () => {
  test('[FW5] [SN5] closest comes to the truly nearest node, the sender included', () => {
    const box = new Box({ seed: 2 });
    const nodes = box.openAll(8);
    for (let i = 0; i < 60; i++) {
      const key = nodes[i % 8]!.id.map((byte, j) => (j === 0 ? i * 4 : byte)) as BoxNode['id'];
      const nearest = nodes.toSorted((a, b) => compareXor(key, a.id, b.id))[0]!;
      const { receipt } = box.send(nodes[i % 8]!, 'closest', key);
      expect(receipt).toMatchObject({ ok: true, by: [nearest.id], certainty: 'complete' });
      expect(box.pathOf(receipt).at(-1)).toBe(nearest.index);
    }
  });

  test('[SN8] [SN9] neighbour and broadcast are one hop', () => {
    const box = new Box({ seed: 3 });
    const nodes = box.openAll(4);
    const { receipt } = box.send(nodes[0]!, 'broadcast', nodes[0]!.id);
    expect(receipt).toMatchObject({ ok: true, hops: 1 });
    expect(receipt.by.length).toBe(3);
    box.pass(100);
    expect(nodes.map((node) => delivered(node).length)).toEqual([0, 1, 1, 1]);
    expect(box.send(nodes[0]!, 'neighbour', nodes[1]!.id).receipt).toMatchObject({
      ok: true,
      hops: 1,
      by: [nodes[1]!.id],
    });
  });
});

describe('through others', () => {
  test('[FW3] [SN6] a message between two ends of a row hops, and its path is the one taken', () => {
    const { box, nodes } = row(5);
    const { receipt } = box.send(nodes[0]!, 'direct', nodes[4]!.id);
    expect(receipt).toMatchObject({ ok: true, hops: 4, by: [nodes[4]!.id] });
    expect(box.pathOf(receipt)).toEqual([0, 1, 2, 3, 4]);
    expect(receipt.rttMs).toBe(2 * 4 * 5);
  });

  test('[RC2] requests are answered, with a reply of 64 KiB too, or with no-reply', () => {
    const { box, nodes } = row(4);
    nodes[3]!.onRequest = (body) => body;
    const body = Uint8Array.from({ length: 64 * 1024 }, (_, i) => i % 251);
    const result = box.send(nodes[0]!, 'direct', nodes[3]!.id, { request: true, body });
    expect(result.receipt.ok).toBe(true);
    expect(Buffer.from(result.reply!).equals(body)).toBe(true);
    expect(delivered(nodes[3]!).length).toBe(1);
    nodes[3]!.onRequest = () => undefined;
    expect(box.send(nodes[0]!, 'direct', nodes[3]!.id, { request: true }).receipt).toMatchObject({
      ok: false,
      reason: 'no-reply',
    });
  });

  test('[FW6] a reply finds its way when a link of the way there died meanwhile', () => {
    const { box, nodes } = row(6, { ring: true });
    let cut = false;
    nodes[2]!.onRequest = (body) => {
      box.cut(nodes[0]!, nodes[1]!);
      cut = true;
      return body;
    };
    const result = box.send(nodes[0]!, 'direct', nodes[2]!.id, { request: true, body: Uint8Array.of(8) });
    expect(cut).toBe(true);
    expect(result).toMatchObject({ receipt: { ok: true, by: [nodes[2]!.id] }, reply: Uint8Array.of(8) });
    expect(delivered(nodes[2]!).length).toBe(1);
  });

  test('[FW14] a message whose next hop died takes another way, and is delivered once', () => {
    const { box, nodes } = row(6, { ring: true });
    box.kill(nodes[1]!, 'soon');
    const result = box.send(nodes[0]!, 'direct', nodes[2]!.id);
    expect(result.receipt).toMatchObject({ ok: true, by: [nodes[2]!.id] });
    expect(box.pathOf(result.receipt)).toEqual([0, 5, 4, 3, 2]);
    expect(delivered(nodes[2]!).length).toBe(1);
  });

  test('[FW5] a direct message to nobody is unreachable, well before its time-out', () => {
    const { box, nodes } = row(4);
    const nobody = nodes[3]!.id.map((byte, i) => (i === 31 ? byte ^ 1 : byte)) as BoxNode['id'];
    const { receipt } = box.send(nodes[0]!, 'direct', nobody);
    expect(receipt).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(receipt.rttMs).toBeLessThan(2_000);
  });

  test('[FW10] [SN3] no hop can alter a body, forge an origin or forge a receipt unnoticed', () => {
    const { box, nodes } = row(3);
    const tamper = (at: (bytes: Uint8Array) => number, kind: (bytes: Uint8Array) => boolean): void => {
      box.filter = (from, _to, bytes) => {
        if (from !== nodes[1] || !appFrame(bytes) || !kind(bytes)) return bytes;
        const altered = Uint8Array.from(bytes);
        altered[at(altered)]! ^= 1;
        return altered;
      };
    };
    const message = (bytes: Uint8Array): boolean => bytes[1] !== ANSWER;
    const answer = (bytes: Uint8Array): boolean => bytes[1] === ANSWER;
    const attempts = [
      [(bytes: Uint8Array) => bytes.length - 1, message],
      [() => 30, message],
      [(bytes: Uint8Array) => bytes.length - 1, answer],
      [() => 100, answer],
    ] as const;
    for (const [at, kind] of attempts) {
      tamper(at, kind);
      const before = delivered(nodes[2]!).length;
      const { receipt } = box.send(nodes[0]!, 'direct', nodes[2]!.id, {
        timeoutMs: 1_000,
        body: new Uint8Array(20),
      });
      expect(receipt.ok).toBe(false);
      expect(delivered(nodes[2]!).length - before).toBe(kind === message ? 0 : 1);
      box.filter = (_from, _to, bytes) => bytes;
    }
  });

  test('[FW7] a link that doubles every frame changes nothing', () => {
    const { box, nodes } = row(4);
    nodes[3]!.onRequest = (body) => body;
    box.filter = (from, to, bytes) => {
      if (appFrame(bytes) && (bytes[2]! & FLAG_REQUEST) !== 0) {
        const end = [...from.ends.values()].find((candidate) => candidate.other?.box === to);
        const other = end?.other;
        if (other !== undefined) box.soon(() => box.input(to, { type: 'frame', link: other.link, bytes }));
      }
      return bytes;
    };
    const result = box.send(nodes[0]!, 'direct', nodes[3]!.id, { request: true });
    expect(result.receipt.ok).toBe(true);
    box.pass(1_000);
    expect(delivered(nodes[3]!).length).toBe(1);
    expect(nodes[0]!.events.filter((event) => event.type === 'result').length).toBe(1);
  });

  test('[FW16] a node on the way answers a request that it holds', () => {
    const { box, nodes } = row(4);
    box.command(nodes[1]!, { type: 'intercept', on: true });
    const id = box.begin(nodes[0]!, 'closest', nodes[3]!.id, { request: true });
    box.pass(50);
    const held = nodes[1]!.events.find((event) => event.type === 'routing' && event.held !== undefined);
    expect(held?.type).toBe('routing');
    if (held?.type === 'routing')
      box.command(nodes[1]!, { type: 'release', message: held.message, body: Uint8Array.of(3) });
    box.pass(50);
    const result = box.resultOf(nodes[0]!, id);
    expect(result).toMatchObject({
      receipt: { ok: true, onTheWay: true, by: [nodes[1]!.id] },
      reply: Uint8Array.of(3),
    });
    expect(delivered(nodes[3]!)).toEqual([]);
  });
});

describe('coming and going', () => {
  test('[LI1] a reloaded tab replaces its old link: one link for each peer, and messages reach the new page', () => {
    const box = new Box({ seed: 9 });
    const [a, b, c] = box.openAll(3) as [BoxNode, BoxNode, BoxNode];
    box.kill(c, 'never');
    const reloaded = box.open(c.keys);
    box.settle();
    for (const node of [a, b]) {
      const links = node.node
        .snapshot()
        .links.filter(({ peer, upAt }) => upAt !== undefined && sameId(peer, c.id));
      expect(links.length).toBe(1);
    }
    expect(box.send(a, 'direct', c.id).receipt.ok).toBe(true);
    expect([delivered(c).length, delivered(reloaded).length]).toEqual([0, 1]);
  });

  test('[LV4] [JO8] after a crash nobody keeps the dead node, and everybody else is still reached', () => {
    const box = new Box({ seed: 10 });
    const nodes = box.openAll(7);
    box.kill(nodes[3]!, 'never');
    box.pass(30_000);
    const alive = nodes.filter(({ alive }) => alive);
    for (const node of alive) {
      const known = contactsOf(node.node.snapshot());
      expect(known.some(({ id }) => sameId(id, nodes[3]!.id))).toBe(false);
      for (const to of alive) if (to !== node) expect(box.send(node, 'direct', to.id).receipt.ok).toBe(true);
    }
  });

  test('[JO4] [DI6] without the server the network goes on and new links still form', () => {
    const box = new Box({ seed: 11 });
    const nodes = box.openAll(5);
    box.serverUp = false;
    for (const node of nodes) box.input(node, { type: 'server-state', connected: false });
    box.cut(nodes[0]!, nodes[1]!);
    box.pass(1);
    expect(box.linked(nodes[0]!, nodes[1]!)).toBe(false);
    box.pass(20_000);
    expect(box.linked(nodes[0]!, nodes[1]!)).toBe(true);
    expect(box.send(nodes[0]!, 'direct', nodes[4]!.id).receipt.ok).toBe(true);
  });
});
