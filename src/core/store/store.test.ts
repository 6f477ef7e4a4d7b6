/** Goal: what nodes promise of records together. Method: real nodes in a box of fake time, frames that the test alters or loses. */

import { describe, expect, test } from 'vitest';
import { Box, type BoxNode } from '../../test-support/box.ts';
import { asNodeId, sameId, type NodeId } from '../id/node-id.ts';
import { compareXor } from '../id/xor.ts';
import type { Held } from './record-table.ts';
import { FRAME_KINDS } from '../wire/frame.ts';
import type { StoreResult } from './store-io.ts';

const KEY = asNodeId(new Uint8Array(32).fill(0xa5));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Nodes that know each other, with copies at the `replicas` nearest. */
function boxOf(count: number, replicas = 3, seed = 1): { box: Box; nodes: BoxNode[] } {
  const box = new Box({ seed, store: { replicas } });
  return { box, nodes: box.openAll(count) };
}

function nearest(nodes: readonly BoxNode[], key: NodeId): BoxNode[] {
  return nodes.filter(({ alive }) => alive).toSorted((a, b) => compareXor(key, a.id, b.id));
}

function heldBy(node: BoxNode, key: NodeId): Held[] {
  return [...node.kept.values()].filter((held) => sameId(held.record.key, key));
}

function holders(nodes: readonly BoxNode[], key: NodeId): number[] {
  return nodes.filter((node) => node.alive && heldBy(node, key).length > 0).map(({ index }) => index);
}

const valuesOf = ({ found }: StoreResult): string[] =>
  found.map(({ record }) => new TextDecoder().decode(record.value)).sort();

const indexesOf = (nodes: readonly BoxNode[]): number[] =>
  nodes.map(({ index }) => index).sort((a, b) => a - b);

describe('putting and getting', () => {
  test('[KV2] [KV6] [KV8] a record lies at the nearest nodes, is acknowledged by them, and everybody reads it', () => {
    const { box, nodes } = boxOf(10);
    const put = box.put(nodes[0]!, { key: KEY, value: text('hello') });
    expect(put).toMatchObject({ sequence: 1, key: KEY, refused: [] });
    expect(put.reason).toBeUndefined();
    const set = nearest(nodes, KEY).slice(0, 3);
    expect(put.acknowledged.length).toBe(3);
    for (const node of set) expect(put.acknowledged.some((id) => sameId(id, node.id))).toBe(true);
    for (const node of set) expect(heldBy(node, KEY)[0]!.role).toBe(node === nodes[0] ? 'own' : 'replica');
    for (const node of nodes) expect(valuesOf(box.get(node, KEY))).toEqual(['hello']);
  });

  test('[KV6] each write has the next sequence, also where the publisher lost its own record', () => {
    const { box, nodes } = boxOf(6);
    expect(box.put(nodes[0]!, { key: KEY, value: text('a') }).sequence).toBe(1);
    expect(box.put(nodes[0]!, { key: KEY, value: text('b') }).sequence).toBe(2);
    // The same identity in a new tab that holds nothing.
    box.kill(nodes[0]!, 'soon');
    box.pass(1_000);
    const again = box.open(nodes[0]!.keys);
    box.settle();
    expect(box.put(again, { key: KEY, value: text('c') }).sequence).toBe(3);
    expect(valuesOf(box.get(nodes[3]!, KEY))).toEqual(['c']);
  });

  test('[KV6] a node alone keeps the record and says so; whoever comes gets it', () => {
    const box = new Box({ seed: 2 });
    const [alone] = box.openAll(1);
    expect(box.put(alone!, { key: KEY, value: text('early') })).toMatchObject({ reason: 'alone' });
    const late = box.open();
    box.settle();
    box.pass(3_000);
    expect(holders([late], KEY)).toEqual([late.index]);
    expect(valuesOf(box.get(late, KEY))).toEqual(['early']);
  });

  test('[KV8] several publishers under one key are several records', () => {
    const { box, nodes } = boxOf(8);
    for (const i of [0, 1, 2]) box.put(nodes[i]!, { key: KEY, value: text(`from ${i}`) });
    box.put(nodes[1]!, { key: KEY, value: text('from 1 again') });
    expect(valuesOf(box.get(nodes[7]!, KEY))).toEqual(['from 0', 'from 1 again', 'from 2']);
  });

  test('[KV2] many records under one key come in several answers', () => {
    const { box, nodes } = boxOf(5);
    for (const node of nodes) box.put(node, { key: KEY, value: new Uint8Array(30_000).fill(node.index) });
    const { found } = box.get(nodes[0]!, KEY);
    expect(found.map(({ record }) => record.value[0]).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('[KV8] an own record is read by everybody and written by nobody else', () => {
    const { box, nodes } = boxOf(6);
    const salt = text('profile');
    const { key } = box.put(nodes[0]!, { kind: 'own', key: KEY, salt, value: text('me') });
    const other = box.put(nodes[1]!, { kind: 'own', key: KEY, salt, value: text('you') });
    expect(sameId(key!, other.key!)).toBe(false);
    expect(valuesOf(box.get(nodes[5]!, key!))).toEqual(['me']);
  });

  test('[KV8] an immutable record is found under its hash', () => {
    const { box, nodes } = boxOf(6);
    const { key, sequence } = box.put(nodes[0]!, { kind: 'immutable', key: KEY, value: text('for ever') });
    expect(sequence).toBe(0);
    expect(valuesOf(box.get(nodes[4]!, key!))).toEqual(['for ever']);
  });

  test('[KV10] what nobody put is not found, long before the time-out', () => {
    const { box, nodes } = boxOf(8);
    const { reason, tookMs } = box.get(nodes[2]!, KEY);
    expect(reason).toBe('not-found');
    expect(tookMs).toBeLessThan(1_000);
  });

  test('[KV22] a get and a put whose time is over say whom their lookups asked', () => {
    const { box, nodes } = boxOf(8);
    box.filter = (_from, _to, bytes) => (bytes[1] === FRAME_KINDS.answer ? undefined : bytes);
    const short = { timeoutMs: 2_000 };
    for (const result of [
      box.get(nodes[2]!, KEY, false, short.timeoutMs),
      box.put(nodes[2]!, { key: KEY, value: text('lost'), ...short }),
    ]) {
      expect(result.reason).toBe('timeout');
      expect(result.requests).toBeGreaterThan(0);
      const asked = result.steps.filter(({ state }) => state === 'asked' || state === 'slow');
      expect(asked.length).toBe(result.requests);
    }
  });

  test('[KV11] what was forgotten is not found, and does not come back', () => {
    const { box, nodes } = boxOf(6);
    box.put(nodes[0]!, { key: KEY, value: text('secret') });
    expect(box.put(nodes[0]!, { key: KEY, value: new Uint8Array(0), forget: true })).toMatchObject({
      sequence: 2,
    });
    expect(box.get(nodes[3]!, KEY).reason).toBe('not-found');
    box.pass(200_000);
    expect(box.get(nodes[3]!, KEY).reason).toBe('not-found');
    expect(box.put(nodes[1]!, { key: KEY, value: new Uint8Array(0), forget: true }).reason).toBe('not-found');
  });
});

describe('recursive gets', () => {
  /** Nodes in a row: each links only to its neighbours, so that messages have to hop. */
  function rowOf(count: number): { box: Box; nodes: BoxNode[] } {
    const box = new Box({ seed: 3, store: { replicas: 1 }, mayLink: (a, b) => Math.abs(a - b) === 1 });
    const nodes: BoxNode[] = [];
    for (let i = 0; i < count; i++) {
      nodes.push(box.open());
      if (i > 0) box.input(nodes[i]!, { type: 'server-introductions', ids: [nodes[i - 1]!.id] });
      box.pass(1_000);
    }
    box.pass(20_000);
    return { box, nodes };
  }

  test('[KV20] one message fetches a record from the nearest node; what is not there is sought step by step', () => {
    const { box, nodes } = boxOf(8);
    box.put(nodes[0]!, { key: KEY, value: text('hopped') });
    const reader = nearest(nodes, KEY).at(-1)!;
    const got = box.get(reader, KEY, true);
    expect(valuesOf(got)).toEqual(['hopped']);
    expect(got.requests).toBe(1);
    const missed = box.get(reader, asNodeId(new Uint8Array(32).fill(9)), true);
    expect(missed.reason).toBe('not-found');
    expect(missed.requests).toBeGreaterThan(1);
  });

  test('[KV20] a node on the way answers with a fresh copy, and not with one that is older than the asker’s', () => {
    const { box, nodes } = rowOf(4);
    const key = nodes[3]!.id;
    const value = (name: string) => ({ key, value: text(name) });
    box.put(nodes[1]!, value('first'));
    // The publisher keeps its own record, and lies on the way from the first node to the last.
    const near = box.get(nodes[0]!, key, true);
    expect(valuesOf(near)).toEqual(['first']);
    expect(near.found.map(({ holder }) => nodes.findIndex(({ id }) => sameId(id, holder)))).toEqual([1]);
    box.pass(11_000);
    const far = box.get(nodes[0]!, key, true);
    expect(far.found.map(({ holder }) => nodes.findIndex(({ id }) => sameId(id, holder)))).toEqual([3]);
  });
});

describe('writes that are refused', () => {
  test('[KV7] with compare-and-set the nearest node decides, and nothing is written elsewhere', () => {
    const { box, nodes } = boxOf(6);
    expect(box.put(nodes[0]!, { key: KEY, value: text('1'), cas: 0 }).reason).toBeUndefined();
    expect(box.put(nodes[0]!, { key: KEY, value: text('2'), cas: 1 })).toMatchObject({ sequence: 2 });
    expect(box.put(nodes[0]!, { key: KEY, value: text('3'), cas: 1 })).toMatchObject({
      reason: 'conflict',
      sequence: 2,
    });
    expect(valuesOf(box.get(nodes[5]!, KEY))).toEqual(['2']);
  });

  test('[KV3] a value above 32 KiB is too large', () => {
    const { box, nodes } = boxOf(3);
    expect(box.put(nodes[0]!, { key: KEY, value: new Uint8Array(32_769) }).reason).toBe('too-large');
    expect(box.put(nodes[0]!, { key: KEY, value: new Uint8Array(32_768) }).reason).toBeUndefined();
  });

  test('[KV3] a publisher above its megabyte is refused with over-quota', () => {
    const { box, nodes } = boxOf(3);
    const reasons = Array.from({ length: 34 }, (_, i) => {
      const key = asNodeId(new Uint8Array(32).fill(i));
      return box.put(nodes[0]!, { key, value: new Uint8Array(32_000) }).reason;
    });
    expect(reasons.slice(0, 30)).toEqual(Array.from({ length: 30 }));
    expect(reasons.at(-1)).toBe('over-quota');
  });
});

describe('keeping records where they belong', () => {
  test('[KV12] newcomers that are nearer get the record, and a lost holder is replaced', () => {
    const { box, nodes } = boxOf(6, 3, 5);
    box.put(nodes[0]!, { key: KEY, value: text('kept') });
    const all = [...nodes, ...box.openAll(6)];
    box.pass(5_000);
    const set = nearest(all, KEY).slice(0, 3);
    expect(holders(all, KEY)).toEqual(expect.arrayContaining(indexesOf(set)));
    const [first] = set.filter((node) => node !== nodes[0]);
    box.kill(first!, 'soon');
    box.pass(20_000);
    const rest = nearest(all, KEY).slice(0, 3);
    expect(holders(all, KEY)).toEqual(expect.arrayContaining(indexesOf(rest)));
  });

  test('[KV13] a copy that was lost without anybody coming or going is made up for within two periods', () => {
    const { box, nodes } = boxOf(8);
    const [publisher] = nearest(nodes, KEY).slice(-1);
    // The record to one of the nearest is lost on its way.
    const [first] = nearest(nodes, KEY);
    box.filter = (_from, to, bytes) => (to === first && bytes.length > 400 ? undefined : bytes);
    box.put(publisher!, { key: KEY, value: new Uint8Array(2_000).fill(7) });
    box.filter = (_from, _to, bytes) => bytes;
    expect(holders([first!], KEY)).toEqual([]);
    box.pass(150_000);
    expect(holders([first!], KEY)).toEqual([first!.index]);
  });

  test('[KV14] a publisher renews its record for as long as it is there; afterwards it expires', () => {
    const { box, nodes } = boxOf(6);
    const [publisher] = nearest(nodes, KEY).slice(-1);
    box.put(publisher!, { key: KEY, value: text('renewed'), lifeMs: 300_000 });
    box.pass(900_000);
    expect(valuesOf(box.get(nodes[0]!, KEY))).toEqual(['renewed']);
    box.kill(publisher!, 'soon');
    box.pass(310_000);
    const reader = nodes.find(({ alive }) => alive)!;
    expect(box.get(reader, KEY).reason).toBe('not-found');
    expect(holders(nodes, KEY)).toEqual([]);
  });

  test('[KV14] an immutable record lives as long as its publisher asked for, and not the most it may', () => {
    const { box, nodes } = boxOf(6);
    const put = box.put(nodes[0]!, { kind: 'immutable', key: KEY, value: text('brief'), lifeMs: 300_000 });
    box.pass(200_000);
    expect(valuesOf(box.get(nodes[3]!, put.key!))).toEqual(['brief']);
    box.kill(nodes[0]!, 'soon');
    box.pass(310_000);
    expect(holders(nodes, put.key!)).toEqual([]);
  });

  test('[KV21] a publisher far from the key gives its record to others when all that had it are gone', () => {
    const { box, nodes } = boxOf(14);
    const [publisher] = nearest(nodes, KEY).slice(-1);
    box.put(publisher!, { key: KEY, value: text('still here') });
    for (const node of nearest(nodes, KEY).slice(0, 3)) box.kill(node, 'soon');
    expect(holders(nodes, KEY)).toEqual([publisher!.index]);
    box.pass(85_000);
    const set = nearest(nodes, KEY).slice(0, 3);
    expect(holders(nodes, KEY)).toEqual(indexesOf([...set, publisher!]));
  });

  test('[KV4] a copy handed on lives no longer than the one it was made from, and keeps its age', () => {
    const { box, nodes } = boxOf(4, 2, 3);
    const [publisher] = nearest(nodes, KEY).slice(-1);
    box.put(publisher!, { key: KEY, value: text('short'), lifeMs: 600_000 });
    box.pass(100_000);
    box.kill(publisher!, 'soon');
    const all = [...nodes, ...box.openAll(6)];
    box.pass(5_000);
    for (const node of all.filter(({ alive }) => alive)) {
      for (const { expiresAt, publishedAt } of heldBy(node, KEY)) {
        expect(expiresAt - box.now).toBeLessThan(500_000);
        expect(box.now - publishedAt).toBeGreaterThan(100_000);
      }
    }
    expect(valuesOf(box.get(all.at(-1)!, KEY))).toEqual(['short']);
  });

  test('[KV9] what was found is cached at the nearest that answered and lacked it', () => {
    const { box, nodes } = boxOf(8, 4);
    const set = nearest(nodes, KEY).slice(0, 4);
    const [publisher, reader] = nearest(nodes, KEY).slice(-2);
    // The record never reaches the third of the nearest.
    box.filter = (_from, to, bytes) => (to === set[2] && bytes.length > 1_000 ? undefined : bytes);
    box.put(publisher!, { key: KEY, value: new Uint8Array(2_000).fill(3) });
    box.filter = (_from, _to, bytes) => bytes;
    expect(heldBy(set[2]!, KEY)).toEqual([]);
    box.get(reader!, KEY);
    box.pass(1_000);
    expect(heldBy(set[2]!, KEY).map(({ role }) => role)).toEqual(['cache']);
  });

  test('[KV15] who is no longer among the nearest keeps a cached copy', () => {
    const { box, nodes } = boxOf(4, 2, 11);
    const [publisher] = nearest(nodes, KEY).slice(-1);
    box.put(publisher!, { key: KEY, value: text('moved') });
    const before = nearest(nodes, KEY).slice(0, 2);
    const all = [...nodes, ...box.openAll(12)];
    box.pass(400_000);
    const now = nearest(all, KEY).slice(0, 2);
    const moved = before.filter((node) => !now.includes(node) && node !== publisher);
    expect(moved.length).toBeGreaterThan(0);
    for (const node of moved) expect(heldBy(node, KEY).map(({ role }) => role)).toEqual(['cache']);
  });

  test('[KV16] a node that leaves in order hands over what others lack', () => {
    const { box, nodes } = boxOf(5, 2);
    const [first, second, ...others] = nearest(nodes, KEY);
    box.put(first!, { key: KEY, value: text('passed on') });
    for (const node of [first!, second!]) {
      box.command(node, { type: 'leave', handOver: true });
      box.pass(2_500);
      expect(box.stateOf(node)).toBe('left');
      node.alive = false;
    }
    box.pass(100);
    expect(valuesOf(box.get(others[2]!, KEY))).toEqual(['passed on']);
  });

  test('[KV16] whoever hands over to nobody leaves all the same', () => {
    const { box, nodes } = boxOf(3, 2);
    box.put(nodes[0]!, { key: KEY, value: text('x') });
    for (const node of nodes.slice(1)) box.freeze(node);
    box.command(nodes[0]!, { type: 'leave', handOver: true });
    box.pass(2_100);
    expect(box.stateOf(nodes[0]!)).toBe('left');
  });

  test('[KV18] what was kept is held again, and offered to those who lack it', () => {
    const { box, nodes } = boxOf(6, 3, 7);
    box.put(nodes[0]!, { key: KEY, value: text('reloaded') });
    const kept = [...nodes[0]!.kept.values()].map(({ record, role, expiresAt, publishedAt, account }) => ({
      bytes: record.bytes,
      role,
      account,
      lifeMs: expiresAt - box.now,
      ageMs: box.now - publishedAt,
    }));
    const other = new Box({ seed: 8, store: { replicas: 3 } });
    const fresh = other.openAll(5);
    const back = other.open(nodes[0]!.keys);
    other.input(back, { type: 'restore', kept: [...kept, { ...kept[0]!, bytes: new Uint8Array(9) }] });
    other.settle();
    other.pass(5_000);
    expect(valuesOf(other.get(fresh[2]!, KEY))).toEqual(['reloaded']);
  });
});

describe('watching', () => {
  const changes = (node: BoxNode): string[] =>
    node.events.flatMap((event) =>
      event.type === 'store-change'
        ? [event.record.forgotten ? 'forgotten' : new TextDecoder().decode(event.record.value)]
        : [],
    );

  test('[KV17] a watcher hears of each change once, of others and of its own, and not of what was there', () => {
    const { box, nodes } = boxOf(8);
    box.put(nodes[0]!, { key: KEY, value: text('before') });
    box.command(nodes[5]!, { type: 'watch', key: KEY, on: true });
    box.pass(1_000);
    box.put(nodes[0]!, { key: KEY, value: text('one') });
    box.put(nodes[5]!, { key: KEY, value: text('own') });
    box.put(nodes[0]!, { key: KEY, value: new Uint8Array(0), forget: true });
    box.pass(1_000);
    expect(changes(nodes[5]!)).toEqual(['one', 'own', 'forgotten']);
    box.pass(300_000);
    box.put(nodes[0]!, { key: KEY, value: text('much later') });
    box.pass(1_000);
    expect(changes(nodes[5]!).at(-1)).toBe('much later');
    box.command(nodes[5]!, { type: 'watch', key: KEY, on: false });
    box.pass(1_000);
    box.put(nodes[0]!, { key: KEY, value: text('unheard') });
    box.pass(1_000);
    expect(changes(nodes[5]!).length).toBe(4);
  });

  test('[KV17] holders that are gone are replaced when the watch is renewed', () => {
    const { box, nodes } = boxOf(9, 3, 4);
    const watcher = nearest(nodes, KEY).at(-1)!;
    const publisher = nearest(nodes, KEY).at(-2)!;
    box.command(watcher, { type: 'watch', key: KEY, on: true });
    box.pass(1_000);
    for (const node of nearest(nodes, KEY).slice(0, 3)) box.kill(node, 'soon');
    box.pass(70_000);
    box.put(publisher, { key: KEY, value: text('still heard') });
    box.pass(1_000);
    expect(changes(watcher)).toEqual(['still heard']);
  });
});
