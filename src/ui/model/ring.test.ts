import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contactOf, idOf, linkOf, ringOf, snapshotOf } from '../test-data.ts';
import { collectNodes, countContacts, sortNodes } from './peers.ts';
import { besideText, clockwiseText, placeText, ringContacts, shareText } from './ring.ts';

const [B, C, D, E] = [idOf('b'), idOf('c'), idOf('d'), idOf('e')];

describe('distances on a ring', () => {
  it('go clockwise, over the top too', () => {
    expect(clockwiseText(idOf('a'), idOf('c'))).toBe(idOf('2'));
    expect(clockwiseText(idOf('c'), idOf('a'))).toBe(idOf('e'));
    expect(clockwiseText('ff', '00')).toBe('01');
    expect(clockwiseText(B, B)).toBe(idOf('0'));
  });

  it('there and back are once round, and they compare as text', () => {
    const id = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('hex'));
    fc.assert(
      fc.property(id, id, id, (a, b, c) => {
        const ring = 2n ** 256n;
        const there = BigInt(`0x${clockwiseText(a, b)}`);
        expect(there + BigInt(`0x${clockwiseText(b, a)}`)).toBe(a === b ? 0n : ring);
        const other = BigInt(`0x${clockwiseText(a, c)}`);
        expect(clockwiseText(a, b) < clockwiseText(a, c)).toBe(there < other);
      }),
    );
  });

  it('are told as shares of the ring', () => {
    expect(shareText(idOf('0'), idOf('8'))).toBe('50 %');
    expect(shareText(idOf('0'), idOf('2'))).toBe('12.5 %');
    expect(shareText(idOf('0'), idOf('0001'))).toBe('< 0.1 %');
    expect(shareText(B, B)).toBe('0 %');
    expect(besideText(idOf('0'), idOf('1'))).toBe('6.3 % of the ring before the target');
    expect(besideText(idOf('1'), idOf('0'))).toBe('6.3 % of the ring after the target');
    expect(besideText(B, B)).toBe('is the target');
  });
});

describe('nodes of a ring', () => {
  const ring = ringOf({
    predecessors: [contactOf(E, { linked: true }), contactOf(D)],
    successors: [contactOf(B), contactOf(C), contactOf(D)],
    fingers: [
      { exponent: 254, start: idOf('4'), contact: contactOf(C), gap: 'none' },
      { exponent: 255, start: idOf('8'), gap: 'not-looked-up' },
    ],
    candidates: [idOf('1')],
  });
  const snapshot = snapshotOf({ geometry: 'chord', ring, links: [linkOf(E)] });

  it('are merged from lists, fingers and candidates, each once', () => {
    const nodes = new Map(collectNodes(snapshot).map((node) => [node.id, node]));
    expect([...nodes.keys()].sort()).toEqual([idOf('1'), B, C, D, E]);
    expect(nodes.get(E)).toMatchObject({ standing: 'linked', bucket: undefined, lastSeenAt: 2_000 });
    expect(nodes.get(C)?.standing).toBe('contact');
    expect(nodes.get(idOf('1'))?.standing).toBe('candidate');
    expect(ringContacts(ring)).toHaveLength(4);
    expect(countContacts(snapshot)).toBe(4);
  });

  it('have their places told in words', () => {
    expect(placeText(B, ring)).toBe('successor 1');
    expect(placeText(C, ring)).toBe('successor 2, finger 2^254');
    expect(placeText(D, ring)).toBe('successor 3, predecessor 2');
    expect(placeText(idOf('1'), ring)).toBeUndefined();
  });

  it('are sorted by the way clockwise', () => {
    const order = {
      geometry: 'chord',
      self: idOf('c8'),
      now: 0,
      key: 'distance',
      descending: false,
    } as const;
    expect(sortNodes(collectNodes(snapshot), order).map(({ id }) => id)).toEqual([D, E, idOf('1'), B, C]);
  });
});
