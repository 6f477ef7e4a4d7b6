/** Goal: what peers tell each other unasked. Method: one node among scripted peers. */

import { contactsOf } from '../snapshot.ts';
import { describe, expect, test } from 'vitest';
import { answerFrame, parseFrame } from '../../test-support/frames.ts';
import { createKeys, forgedRecord, keysNear, keysOf } from '../../test-support/keys.ts';
import { Solo, type ScriptedPeer } from '../../test-support/solo.ts';
import { idAt, packIds } from '../id/id-list.ts';
import { sameId, toHex, type NodeId } from '../id/node-id.ts';

function linked(count = 2, config = {}): { solo: Solo; peers: ScriptedPeer[] } {
  const solo = new Solo({ config });
  const peers = Array.from({ length: count }, () => solo.link(keysNear(solo.random, solo.keys.id, 0)));
  solo.completeTable();
  solo.pass(2_000);
  solo.clear();
  return { solo, peers };
}

const knownTo = (solo: Solo): NodeId[] => contactsOf(solo.node.snapshot()).map(({ id }) => id);
const knows = (solo: Solo, id: NodeId): boolean => knownTo(solo).some((known) => sameId(known, id));
const hexes = (ids: readonly NodeId[]): string[] => ids.map(toHex).sort();

describe('lists of links', () => {
  test('[GO1] a new peer gets the list at once, the others within 100 ms of a change but at most once a second', () => {
    const { solo, peers } = linked();
    const newcomer = solo.link(keysNear(solo.random, solo.keys.id, 0));
    const [list] = newcomer.controls('links');
    const ids = Array.from({ length: list!.list.count }, (_, i) => idAt(list!.list, i));
    expect(hexes(ids)).toEqual(hexes([...peers, newcomer].map(({ id }) => id)));
    solo.pass(100);
    expect(peers[0]!.controls('links-changed')).toMatchObject([
      { added: { count: 1 }, removed: { count: 0 } },
    ]);
    solo.input({ type: 'link-down', link: newcomer.link, reason: 'closed' });
    solo.pass(899);
    expect(peers[0]!.controls('links-changed').length).toBe(1);
    solo.pass(102);
    const [added, removed] = peers[0]!.controls('links-changed');
    expect(removed).toMatchObject({ added: { count: 0 }, removed: { count: 1 } });
    expect(idAt(added!.added, 0)).toEqual(newcomer.id);
    expect(idAt(removed!.removed, 0)).toEqual(newcomer.id);
    expect(peers[0]!.controls('links')).toEqual([]);
  });

  test('[GO1] a peer that came between two tellings hears what changed since it came', () => {
    const { solo, peers } = linked(4);
    const [first, second] = [0, 0].map(() => solo.link(keysNear(solo.random, solo.keys.id, 0)));
    solo.input({ type: 'link-down', link: first!.link, reason: 'closed' });
    solo.pass(1_200);
    const told = second!.controls('links')[0]!.list;
    expect(told.count).toBe(6);
    expect(second!.controls('links-changed')).toMatchObject([{ added: { count: 0 }, removed: { count: 1 } }]);
    expect(peers[0]!.controls('links-changed')).toMatchObject([
      { added: { count: 1 }, removed: { count: 0 } },
    ]);
  });

  test('[GO1] a change as long as the list goes out as the list', () => {
    const { solo, peers } = linked(3);
    for (const peer of peers.slice(1)) {
      solo.input({ type: 'link-down', link: peer.link, reason: 'closed' });
    }
    solo.pass(1_200);
    expect(peers[0]!.controls('links').map(({ list }) => list.count)).toEqual([1]);
    expect(peers[0]!.controls('links-changed')).toEqual([]);
  });

  test('[GO1] while links keep coming the lists go out ever less often, and soon again when one is lost', () => {
    const { solo, peers } = linked(2, { linksMax: 200, linksWanted: 200 });
    const times: number[] = [];
    let newcomer: ScriptedPeer | undefined;
    const pass = (ms: number): void => {
      const before = peers[0]!.controls('links-changed').length;
      solo.pass(ms);
      if (peers[0]!.controls('links-changed').length > before) times.push(solo.now);
    };
    for (let i = 0; i < 160; i++) {
      if (i % 2 === 0) newcomer = solo.link(keysNear(solo.random, solo.keys.id, 0));
      pass(100);
    }
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(gaps[0]).toBeLessThanOrEqual(2_100);
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(3_900);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(4_200);
    const sent = times.length;
    while (times.length === sent) pass(100);
    pass(1_100);
    solo.input({ type: 'link-down', link: newcomer!.link, reason: 'closed' });
    const from = solo.now;
    while (times.length === sent + 1) pass(100);
    expect(times.at(-1)! - from).toBeLessThanOrEqual(200);
  });

  test('[GO9] every twenty seconds the lists are looked at again, and without a change nothing else is said', () => {
    const { solo, peers } = linked(2, { bucketSize: 2 });
    const [held, waiting] = [0, 0].map(() => keysNear(solo.random, solo.keys.id, 3));
    peers[0]!.sendControl({ type: 'news', records: [held!.record] });
    solo.pass(1_200);
    solo.clear();
    solo.pass(20_000);
    expect([...peers[0]!.controls('links'), ...peers[0]!.controls('links-changed')]).toEqual([]);
    peers[1]!.tellLinks(waiting!.id);
    expect(peers[1]!.controls('want').length).toBe(1);
    solo.pass(2_100);
    expect(peers[1]!.controls('want').length).toBe(1);
    solo.pass(20_000);
    expect(peers[1]!.controls('want').length).toBe(2);
  });

  test('[GO9] [WR26] what a peer says of its links is put together from its list and the changes', () => {
    const { solo, peers } = linked();
    const [a, b, c] = [0, 0, 0].map(() => createKeys(solo.random).id);
    peers[0]!.tellLinks(a!, b!);
    peers[0]!.sendControl({ type: 'links-changed', added: packIds([b!, c!]), removed: packIds([a!]) });
    const { peerLinks } = solo.node.snapshot().links.find(({ peer }) => sameId(peer, peers[0]!.id))!;
    // This node itself is on the list as well.
    expect(peerLinks).toBe(3);
    expect(
      peers[0]!
        .controls('want')
        .flatMap(({ ids }) => ids)
        .filter((id) => sameId(id, c!)).length,
    ).toBe(1);
  });

  test('[GO2] ids new on a list that the table wants are asked for, at most 32, and not again within two seconds', () => {
    const { solo, peers } = linked(2, { bucketSize: 40 });
    const ids = Array.from({ length: 40 }, () => createKeys(solo.random).id);
    peers[0]!.tellLinks(...ids);
    expect(peers[0]!.controls('want')[0]!.ids.length).toBe(32);
    peers[1]!.tellLinks(...ids);
    const asked = [...peers[0]!.controls('want'), ...peers[1]!.controls('want')].flatMap((want) =>
      want.ids.map(toHex),
    );
    expect(new Set(asked).size).toBe(asked.length);
    solo.clear();
    peers[0]!.tellLinks(...ids);
    expect(peers[0]!.controls('want')).toEqual([]);
  });

  test('[GO2] a list of peers with other caps than the own is taken', () => {
    const { solo, peers } = linked(2, { linksMax: 3, linksWanted: 3 });
    peers[0]!.tellLinks(...Array.from({ length: 60 }, () => createKeys(solo.random).id));
    expect(solo.events('malformed')).toEqual([]);
    expect(solo.node.snapshot().links[0]!.peerLinks).toBe(61);
  });
});

describe('records', () => {
  test('[GO3] who asks for records gets those that are held', () => {
    const { solo, peers } = linked();
    peers[0]!.sendControl({ type: 'want', ids: [peers[1]!.id, createKeys(solo.random).id, peers[0]!.id] });
    const records = peers[0]!.controls('news').flatMap((news) => news.records);
    expect(records.map(toHex)).toEqual([peers[1]!, peers[0]!].map(({ keys }) => toHex(keys.record)));
  });

  test('[GO4] a contact that is new in the table is told after 100 ms to the peers it concerns, not to its source', () => {
    const { solo, peers } = linked(3);
    const keys = createKeys(solo.random);
    peers[0]!.sendControl({ type: 'news', records: [keys.record] });
    expect(knows(solo, keys.id)).toBe(true);
    solo.pass(99);
    expect(peers[1]!.controls('news')).toEqual([]);
    solo.pass(1);
    expect(peers.map((peer) => peer.controls('news').length)).toEqual([0, 1, 1]);
    expect(peers[1]!.controls('news')[0]!.records).toEqual([keys.record]);
  });

  test('[MB1] a record with a wrong signature never enters the table', () => {
    const { solo, peers } = linked();
    const before = knownTo(solo).length;
    peers[0]!.sendControl({ type: 'news', records: [forgedRecord(solo.random), forgedRecord(solo.random)] });
    solo.input({ type: 'contacts', records: [forgedRecord(solo.random)] });
    expect(knownTo(solo).length).toBe(before);
  });

  test('[MB2] a record that would get no place costs no crypto job', () => {
    const { solo, peers } = linked(8, { bucketSize: 8 });
    const full = keysNear(solo.random, solo.keys.id, 0);
    // As many nearer ones that no close group reaches over to the full bucket.
    for (let i = 0; i < 7; i++) solo.link(keysNear(solo.random, solo.keys.id, 1));
    solo.clear();
    peers[0]!.sendControl({ type: 'news', records: [full.record, peers[1]!.keys.record, solo.keys.record] });
    expect(solo.of('crypto')).toEqual([]);
    peers[0]!.sendControl({ type: 'news', records: [keysNear(solo.random, solo.keys.id, 1).record] });
    expect(solo.of('crypto').length).toBe(1);
  });

  test('[MB3] records of another geometry are refused, and so is a link of one', () => {
    const { solo, peers } = linked();
    const ring = keysOf(solo.random.bytes(32), 1, 'chord');
    peers[0]!.sendControl({ type: 'news', records: [ring.record] });
    expect(knows(solo, ring.id)).toBe(false);
    expect(solo.offer(ring)).toBeUndefined();
  });
});

describe('goodbyes', () => {
  test('[GO5] a contact lost for good is told to the peers it concerns', () => {
    const { solo, peers } = linked(3);
    peers[0]!.sendControl({ type: 'bye', leaving: true });
    expect(knows(solo, peers[0]!.id)).toBe(false);
    for (const peer of peers.slice(1)) expect(peer.controls('gone')).toMatchObject([{ ids: [peers[0]!.id] }]);
  });

  test('[GO6] that a node is gone is a rumour: it is asked itself, and believed only if it does not answer', () => {
    const { solo, peers } = linked(3);
    const [alive, dead] = [createKeys(solo.random), createKeys(solo.random)];
    peers[0]!.sendControl({ type: 'news', records: [alive.record, dead.record] });
    peers[0]!.tellLinks(alive.id, dead.id);
    peers[1]!.sendControl({ type: 'gone', ids: [alive.id, dead.id, peers[2]!.id] });
    const pings = peers.flatMap((peer) => peer.allFrames()).filter(({ service }) => service === 'ping');
    expect(hexes(pings.map(({ target }) => target))).toEqual(hexes([alive.id, dead.id]));
    expect([knows(solo, alive.id), knows(solo, dead.id)]).toEqual([true, true]);
    const asked = pings.find(({ target }) => sameId(target, alive.id))!;
    peers[0]!.send(answerFrame(alive, parseFrame(asked.bytes)));
    peers[0]!.tellLinks(alive.id);
    solo.pass(10_000);
    expect([knows(solo, alive.id), knows(solo, dead.id), knows(solo, peers[2]!.id)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('[GO8] a contact that vanished from the last list it was on is asked itself, one that another peer lists is not', () => {
    const { solo, peers } = linked(3);
    const [lost, moved] = [createKeys(solo.random), createKeys(solo.random)];
    peers[0]!.sendControl({ type: 'news', records: [lost.record, moved.record] });
    peers[0]!.tellLinks(lost.id, moved.id);
    peers[1]!.tellLinks(moved.id);
    solo.clear();
    peers[0]!.tellLinks();
    const asked = peers.flatMap((peer) => peer.allFrames()).filter(({ service }) => service === 'ping');
    expect(hexes(asked.map(({ target }) => target))).toEqual([toHex(lost.id)]);
  });

  test('[GO7] of more than 256 news that wait the oldest give way', () => {
    const { solo, peers } = linked(2, { bucketSize: 400, gossipDelayMs: 5_000, creditMessages: 10_000 });
    const all = Array.from({ length: 300 }, () => createKeys(solo.random).record);
    for (let i = 0; i < all.length; i += 5)
      peers[0]!.sendControl({ type: 'news', records: all.slice(i, i + 5) });
    solo.pass(5_100);
    const told = peers[1]!.controls('news').flatMap(({ records }) => records.map(toHex));
    expect(told.length).toBe(256);
    expect(told.at(-1)).toBe(toHex(all.at(-1)!));
  });
});
