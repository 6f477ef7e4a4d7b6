/** Goal: each operation does what its name says, and refuses the rest. Method: a few real nodes in a box, and one scripted asker. */

import { describe, expect, test } from 'vitest';
import { Box, type BoxNode } from '../../test-support/box.ts';
import { asNodeId, compareIds, sameId, toHex, type NodeId } from '../id/node-id.ts';
import { isWithin, plusPower } from '../id/ring.ts';
import { frameBody, FRAME_KINDS, readFrame, SERVICES } from '../wire/frame.ts';
import type { RingAsk } from './ring-io.ts';
import { readRing, type RingRequest } from './rpc.ts';

const NO_SALT = new Uint8Array(0);
const LIFE = { lifeMs: 3_600_000, salt: NO_SALT };
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
const key = asNodeId(new Uint8Array(32).fill(0x77));

function ringOf(count: number, seed = 1): { readonly box: Box; readonly nodes: BoxNode[] } {
  const box = new Box({ ring: true, seed });
  const nodes = box.openAll(count);
  box.pass(2_000);
  return { box, nodes };
}

/** The first node at or after a key. */
function ownerOf(nodes: readonly BoxNode[], of: NodeId): BoxNode {
  const sorted = nodes.toSorted((a, b) => compareIds(a.id, b.id));
  return sorted.find(({ id }) => compareIds(id, of) >= 0) ?? sorted[0]!;
}

const insertOf = (value: Uint8Array, more: Partial<RingAsk & { op: 'insert-value' }> = {}): RingAsk => ({
  op: 'insert-value',
  kind: 'shared',
  key,
  value,
  ...LIFE,
  ...more,
});

/** How a command ended that never came to a ring. */
function refusalOf(node: BoxNode, id: number): string | undefined {
  const event = node.events.find((one) => one.type === 'store-result' && one.command === id);
  return event?.type === 'store-result' ? event.result.reason : undefined;
}

/** Requests of the ring that go over links from now on. */
function watchRequests(
  box: Box,
): { readonly from: BoxNode; readonly to: BoxNode; readonly request: RingRequest }[] {
  const seen: { readonly from: BoxNode; readonly to: BoxNode; readonly request: RingRequest }[] = [];
  box.filter = (from, to, sent) => {
    if (sent[1] === FRAME_KINDS.direct && sent[3] === SERVICES.indexOf('ring')) {
      const frame = readFrame(sent, 6, 20);
      const request = typeof frame === 'string' ? undefined : readRing(frameBody(frame));
      if (request !== undefined) seen.push({ from, to, request });
    }
    return sent;
  };
  return seen;
}

describe('GetNode', () => {
  test('[RG2] any node names the first node at or after a key', () => {
    const { box, nodes } = ringOf(6);
    for (const via of nodes)
      for (const place of [key, nodes[0]!.id, plusPower(nodes[0]!.id, 0)]) {
        const { owner, reason } = box.ring(nodes[1]!, { op: 'get-node', key: place, via: via.id });
        expect([reason, owner && toHex(owner)]).toEqual([undefined, toHex(ownerOf(nodes, place).id)]);
      }
  });

  test('[RG18] [RG2] a joiner has its introducer find its successor and fingers, before its first lookup', () => {
    const { box, nodes } = ringOf(6);
    const seen = watchRequests(box);
    const joiner = box.open(box.newKeys());
    box.settle();
    const asked = seen.filter(({ from, request }) => from === joiner && request.op === 'get-node');
    const [first, second] = asked.map(({ request }) => (request.op === 'get-node' ? request.keys : []));
    expect(first).toEqual([plusPower(joiner.id, 0)]);
    expect(second!.length).toBeGreaterThan(0);
    expect(new Set(asked.map(({ to }) => to)).size).toBe(1);
    const sent = joiner.events.flatMap((event) => (event.type === 'sent' ? [event.service] : []));
    expect(sent.indexOf('ring')).toBeLessThan(sent.indexOf('lookup'));
    const successor = ownerOf(nodes, joiner.id);
    expect(sameId(joiner.node.store!.range!(box.now)!.upTo, joiner.id)).toBe(true);
    expect(successor.node.store!.range!(box.now)!.after).toEqual(joiner.id);
  });

  test('[RG18] with an introducer that is silent about it a joiner finds its place by itself', () => {
    const { box, nodes } = ringOf(5);
    box.filter = (_from, _to, sent) => {
      const isOfRing = sent[1] === FRAME_KINDS.direct && sent[3] === SERVICES.indexOf('ring');
      const frame = isOfRing ? readFrame(sent, 6, 20) : 'other';
      const request = typeof frame === 'string' ? undefined : readRing(frameBody(frame));
      return request?.op === 'get-node' ? undefined : sent;
    };
    const joiner = box.open(box.newKeys());
    box.settle();
    expect([box.stateOf(joiner), nodes.length]).toEqual(['ready', 5]);
    expect(joiner.node.store!.range!(box.now)).toBeDefined();
  });
});

describe('GetValue and InsertValue', () => {
  test('[RG3] [RG4] what is inserted is read, both at the owner and nowhere else', () => {
    const { box, nodes } = ringOf(6);
    const owner = ownerOf(nodes, key);
    const put = box.ring(nodes[0]!, insertOf(bytes(1, 2)));
    expect(put).toMatchObject({ sequence: 1, copies: 2, asked: [owner.id], owner: owner.id });
    expect(put.reason).toBeUndefined();
    for (const reader of nodes) {
      const got = box.ring(reader, { op: 'get-value', key });
      expect(got.found.map(({ record }) => [...record.value])).toEqual([[1, 2]]);
      expect(got.asked).toEqual([owner.id]);
    }
  });

  test('[RG3] [RG4] another node refuses, names the owner, and passes nothing on', () => {
    const { box, nodes } = ringOf(6);
    const owner = ownerOf(nodes, key);
    box.ring(nodes[0]!, insertOf(bytes(1)));
    const seen = watchRequests(box);
    for (const at of nodes.filter((node) => node !== owner)) {
      for (const ask of [{ op: 'get-value', key, at: at.id } as const, insertOf(bytes(2), { at: at.id })]) {
        const result = box.ring(
          nodes.find((node) => node !== at)!,
          ask,
        );
        expect(result).toMatchObject({ reason: 'not-responsible', owner: owner.id, found: [], copies: 0 });
      }
    }
    const values = seen.filter(({ request }) => request.op === 'get-value' || request.op === 'insert-value');
    expect(values.every(({ to }) => to !== owner)).toBe(true);
    expect(box.ring(nodes[1]!, { op: 'get-value', key }).found[0]!.record.value).toEqual(bytes(1));
  });

  test('[RG4] nothing there is told, and where nobody answers the call ends with its time', () => {
    const { box, nodes } = ringOf(4);
    const owner = ownerOf(nodes, key);
    expect(box.ring(nodes[0]!, { op: 'get-value', key })).toMatchObject({
      reason: 'not-found',
      owner: owner.id,
    });
    box.kill(owner, 'never');
    const other = nodes.find((node) => node !== owner)!;
    expect(box.ring(other, { op: 'get-value', key }, 3_000).reason).toBe('timeout');
    // Its heir has the range in the end.
    expect(box.ring(other, insertOf(bytes(3)), 30_000).reason).toBeUndefined();
  });

  test('[RG5] each kind of record is stored, the next sequence is found, and refusals are the store’s', () => {
    const { box, nodes } = ringOf(5);
    const [writer, reader] = [nodes[0]!, nodes[1]!];
    for (const kind of ['immutable', 'own', 'shared'] as const) {
      const put = box.ring(writer, insertOf(bytes(7), { kind, salt: bytes(1) }));
      expect([kind, put.reason]).toEqual([kind, undefined]);
      expect(box.ring(reader, { op: 'get-value', key: put.key! }).found[0]!.record.value).toEqual(bytes(7));
    }
    expect(box.ring(writer, insertOf(bytes(8)))).toMatchObject({ sequence: 2 });
    expect(box.ring(writer, insertOf(bytes(9), { cas: 1 }))).toMatchObject({
      reason: 'conflict',
      sequence: 2,
    });
    expect(box.ring(writer, insertOf(bytes(9), { cas: 2 }))).toMatchObject({ sequence: 3 });
    expect(box.ring(writer, insertOf(new Uint8Array(32_769))).reason).toBe('too-large');
    // A tab that comes back with the same keys and without what it kept signs above what it wrote before.
    box.kill(writer, 'soon');
    box.pass(30_000);
    const again = box.open(writer.keys);
    box.settle();
    box.pass(3_000);
    expect(box.ring(again, insertOf(bytes(10)))).toMatchObject({ sequence: 4 });
  });

  test('[RG5] the owner sees to the copies', () => {
    const { box, nodes } = ringOf(12);
    box.ring(nodes[0]!, insertOf(bytes(1)));
    box.pass(500);
    const holders = nodes.filter(({ node }) => node.held().some(({ record }) => sameId(record.key, key)));
    expect(holders.length).toBeGreaterThanOrEqual(8);
  });
});

describe('SplitNode', () => {
  test('[RG6] [RG8] a joiner is handed the records of its range, page after page, though pages are lost', () => {
    const { box, nodes } = ringOf(2, 3);
    const [writer] = nodes;
    for (let i = 0; i < 12; i++)
      box.ring(writer!, insertOf(new Uint8Array(20_000).fill(i), { key: asNodeId(box.random.bytes(32)) }));
    // The store's own hand-over is left out, to see that of the ring.
    const pages: number[] = [];
    let count = 0;
    box.filter = (_from, _to, sent) => {
      if (sent[3] === SERVICES.indexOf('store')) return undefined;
      if (sent[1] !== FRAME_KINDS.direct || sent[3] !== SERVICES.indexOf('ring')) return sent;
      const frame = readFrame(sent, 6, 20);
      const request = typeof frame === 'string' ? undefined : readRing(frameBody(frame));
      if (request?.op !== 'split-node') return sent;
      pages.push(request.page);
      return count++ % 3 === 1 ? undefined : sent;
    };
    const joiner = box.open(box.newKeys());
    box.settle();
    box.pass(20_000);
    const range = joiner.node.store!.range!(box.now)!;
    const all = nodes.flatMap(({ node }) => node.held());
    const mine = new Set(
      all.flatMap(({ record }) => (isWithin(record.key, range.after, range.upTo) ? [toHex(record.key)] : [])),
    );
    expect(mine.size).toBeGreaterThan(2);
    expect(new Set(joiner.node.held().map(({ record }) => toHex(record.key)))).toEqual(mine);
    expect(Math.max(...pages)).toBeGreaterThan(0);
    expect(
      all.filter(({ record }) => mine.has(toHex(record.key))).every(({ role }) => role !== 'cache'),
    ).toBe(true);
  });

  test('[RG11] [RG7] the first node has every key, and a second one takes its part', () => {
    const box = new Box({ ring: true });
    const first = box.open(box.newKeys());
    box.pass(1_000);
    expect(first.node.store!.range!(box.now)).toEqual({ after: first.id, upTo: first.id });
    expect(box.ring(first, insertOf(bytes(1)))).toMatchObject({ copies: 1 });
    const second = box.open(box.newKeys());
    box.settle();
    expect(first.node.store!.range!(box.now)).toEqual({ after: second.id, upTo: first.id });
    expect(second.node.store!.range!(box.now)).toEqual({ after: first.id, upTo: second.id });
    expect(box.ring(second, { op: 'get-value', key }).found).toHaveLength(1);
  });

  test('[RG16] who leaves hands its range over at once', () => {
    const { box, nodes } = ringOf(5);
    const leaver = ownerOf(nodes, key);
    box.ring(nodes[0]!, insertOf(bytes(1)));
    box.command(leaver, { type: 'leave', handOver: true });
    box.pass(1_000);
    const rest = nodes.filter((node) => node !== leaver);
    const heir = ownerOf(rest, key);
    expect(isWithin(key, heir.node.store!.range!(box.now)!.after, heir.id)).toBe(true);
    const got = box.ring(rest[0]!, { op: 'get-value', key });
    expect([got.owner, got.found.length]).toEqual([heir.id, 1]);
  });

  test('[RG19] a ring that nobody owns begins anew', () => {
    const { box, nodes } = ringOf(3);
    // Newcomers that hear nothing of ranges, and then the owners are gone.
    box.filter = (_from, _to, sent) =>
      sent[3] === SERVICES.indexOf('ring') && sent[1]! >= FRAME_KINDS.closest ? undefined : sent;
    const newcomers = [box.open(box.newKeys()), box.open(box.newKeys()), box.open(box.newKeys())];
    box.settle();
    for (const node of nodes) box.kill(node, 'soon');
    box.filter = (_from, _to, sent) => sent;
    box.pass(60_000);
    const ranges = newcomers.map(({ node }) => node.store!.range!(box.now));
    const sorted = newcomers.toSorted((a, b) => compareIds(a.id, b.id));
    sorted.forEach(({ id, node }, i) =>
      expect(node.store!.range!(box.now)).toEqual({ after: sorted.at(i - 1)!.id, upTo: id }),
    );
    expect(ranges).toHaveLength(3);
  });
});

test('[RG20] commands end where there is no ring, and in nodes that leave or have left', () => {
  const plain = new Box();
  const [one, two] = plain.openAll(2);
  const id = plain.beginRing(one!, { op: 'get-value', key });
  expect(refusalOf(one!, id)).toBe('rejected');
  expect(two!.node.store!.range?.(plain.now)).toBeUndefined();
  const { box, nodes } = ringOf(3);
  box.kill(ownerOf(nodes, key), 'never');
  const rest = nodes.find(({ alive }) => alive)!;
  const underWay = box.beginRing(rest, { op: 'get-value', key });
  box.command(rest, { type: 'leave' });
  expect(box.ringResultOf(rest, underWay)?.reason).toBe('left');
  const late = box.beginRing(rest, { op: 'get-value', key });
  expect(refusalOf(rest, late)).toBe('left');
});
