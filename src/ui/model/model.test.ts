import { describe, expect, it } from 'vitest';
import { bucketOf, countersOf, idOf, linkOf, snapshotOf } from '../test-data.ts';
import { completenessOf, completenessText } from './gaps.ts';
import {
  collectNodes,
  countContacts,
  countLinks,
  isLinked,
  searchNodes,
  sharedBits,
  sortNodes,
  xorText,
  type NodeView,
} from './peers.ts';
import { RateMeter } from './rate.ts';

const B = idOf('b');
const C = idOf('c');
const D = idOf('d');

describe('completeness of a bucket', () => {
  const lost = bucketOf(1, [B], { gap: 'contact-lost' });

  it('is told for each bucket, with the reason for a gap in words', () => {
    expect(completenessOf(bucketOf(0, [B]))).toMatchObject({ complete: true, word: 'complete' });
    expect(completenessOf(bucketOf(0, [B], { full: true }))).toMatchObject({ complete: true, word: 'full' });
    expect(completenessOf(bucketOf(0, [], { gap: 'not-looked-up' }))).toMatchObject({
      complete: false,
      word: 'not looked up',
    });
    expect(completenessOf(lost)).toMatchObject({ complete: false, word: 'contact lost' });
    const later = { ...lost, gap: 'asking-again' as 'contact-lost' };
    expect(completenessOf(later)).toMatchObject({ complete: false, word: 'asking again' });
  });

  it('is summed up for the table', () => {
    expect(completenessText([bucketOf(0, [B]), bucketOf(1, [])])).toBe('complete');
    expect(completenessText([bucketOf(0, [B]), lost])).toBe('1 gap');
    expect(completenessText([lost, lost])).toBe('2 gaps');
  });
});

describe('nodes of a snapshot', () => {
  const snapshot = snapshotOf({
    buckets: [bucketOf(0, [B, C], { candidates: [D] }), bucketOf(1, [])],
    links: [
      linkOf(B),
      linkOf(C, { state: 'dialling' }),
      linkOf(idOf('e')),
      linkOf(idOf('f'), { state: 'down' }),
    ],
  });

  it('merges contacts, candidates and links into one entry for a node', () => {
    const nodes = new Map(collectNodes(snapshot).map((node) => [node.id, node]));
    expect([...nodes.keys()].sort()).toEqual([B, C, D, idOf('e')]);
    expect(nodes.get(B)).toMatchObject({ standing: 'linked', bucket: 0, lastSeenAt: 2_000 });
    expect(nodes.get(C)?.standing).toBe('linking');
    expect(nodes.get(D)).toMatchObject({ standing: 'candidate', link: undefined });
    expect(nodes.get(idOf('e'))).toMatchObject({ standing: 'linked', bucket: undefined });
  });

  it('lets the better of two attempts speak for a node', () => {
    const links = [linkOf(B, { state: 'dialling' }), linkOf(B), linkOf(B, { state: 'answering' })];
    expect(collectNodes(snapshotOf({ links }))).toMatchObject([{ id: B, standing: 'linked' }]);
  });

  it('counts what the header shows', () => {
    expect(countLinks(snapshot)).toBe(2);
    expect(countContacts(snapshot)).toBe(2);
    expect(countLinks(snapshotOf({ links: [linkOf(B, { state: 'suspect' })] }))).toBe(1);
    expect(collectNodes(snapshotOf({ links: [linkOf(B, { state: 'suspect' })] })).every(isLinked)).toBe(true);
  });

  it('searches by the beginning of an id, a state or a role', () => {
    const nodes = collectNodes(snapshot);
    expect(searchNodes(nodes, ' B0 ').map((node) => node.id)).toEqual([B]);
    expect(searchNodes(nodes, 'candidate').map((node) => node.id)).toEqual([D]);
    expect(searchNodes(nodes, '')).toHaveLength(4);
    expect(searchNodes(nodes, 'nothing')).toEqual([]);
  });
});

describe('sorting', () => {
  const node = (id: string, rttMs: number | undefined): NodeView => {
    const { rttMs: _rtt, ...rest } = linkOf(id);
    return {
      id,
      standing: 'linked',
      bucket: 0,
      link: rttMs === undefined ? rest : { ...rest, rttMs },
      lastSeenAt: 0,
    };
  };
  const order = { geometry: 'kademlia', self: idOf('a'), now: 10_000, descending: false } as const;

  it('keeps unknown values last in both directions and breaks ties by id', () => {
    const nodes = [node(D, undefined), node(C, 3), node(B, 3), node(idOf('1'), 9)];
    const rtt = (descending: boolean): string[] =>
      sortNodes(nodes, { ...order, key: 'rtt', descending }).map((entry) => entry.id.charAt(0));
    expect(rtt(false)).toEqual(['b', 'c', '1', 'd']);
    expect(rtt(true)).toEqual(['1', 'b', 'c', 'd']);
  });

  it('sorts by XOR distance from this tab', () => {
    const nodes = [node(idOf('2'), 1), node(B, 1), node(idOf('8'), 1)];
    expect(sortNodes(nodes, { ...order, key: 'distance' }).map((entry) => entry.id.charAt(0))).toEqual([
      'b',
      '8',
      '2',
    ]);
  });

  it('sorts a thousand nodes by every key without losing one', () => {
    const nodes = Array.from({ length: 1_000 }, (_, index) =>
      node(idOf(index.toString(16).padStart(4, '0')), index % 7),
    );
    for (const key of ['distance', 'id', 'state', 'rtt', 'age', 'role', 'in', 'out'] as const) {
      expect(new Set(sortNodes(nodes, { ...order, key })).size).toBe(1_000);
    }
  });
});

describe('distances', () => {
  it('gives XOR and shared leading bits', () => {
    expect(xorText('0f', 'ff')).toBe('f0');
    expect(sharedBits(idOf('8'), idOf('0'))).toBe(0);
    expect(sharedBits(idOf('a1'), idOf('a0'))).toBe(7);
    expect(sharedBits(idOf('a4'), idOf('a0'))).toBe(5);
    expect(sharedBits(B, B)).toBe(256);
  });
});

describe('rates', () => {
  it('takes them over three seconds, from nothing', () => {
    const meter = new RateMeter();
    expect(meter.add(0, countersOf()).messages).toBe(0);
    expect(
      meter.add(1_000, countersOf({ sent: 5, delivered: 3, forwarded: 2, framesIn: 20, bytesOut: 500 })),
    ).toEqual({
      messages: 10,
      frames: 20,
      bytes: 500,
    });
    expect(meter.add(2_000, countersOf({ sent: 10, framesIn: 20 })).messages).toBe(5);
    // Once the burst is out of the window, the rate is nothing again.
    for (const at of [3_000, 4_000, 5_000]) meter.add(at, countersOf({ sent: 10, framesIn: 20 }));
    expect(meter.add(6_000, countersOf({ sent: 10, framesIn: 20 })).messages).toBe(0);
  });

  it('begins again when the counters went back, as with another overlay', () => {
    const meter = new RateMeter();
    meter.add(0, countersOf({ framesIn: 100, sent: 50 }));
    expect(meter.add(1_000, countersOf({ framesIn: 1, sent: 1 })).messages).toBe(0);
    expect(meter.add(2_000, countersOf({ framesIn: 3, sent: 3 })).messages).toBe(2);
  });

  it('keeps its memory bounded when asked every frame', () => {
    const meter = new RateMeter();
    let rate = 0;
    for (let frame = 0; frame < 2_000; frame += 1) {
      rate = meter.add(frame * 16, countersOf({ sent: frame, framesIn: frame })).messages;
    }
    expect(rate).toBeCloseTo(62.5, 0);
  });
});
