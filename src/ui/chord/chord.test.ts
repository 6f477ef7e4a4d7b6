import { describe, expect, it } from 'vitest';
import { completenessOf, completenessText } from '../model/gaps.ts';
import { contactOf, idOf, ringOf } from '../test-data.ts';
import { groupFingers, listPart, stabilizedText, tableParts } from './ring-texts.ts';
import { listedStretch, ownStretch } from './stretches.ts';

const SELF = idOf('4');
const [BEFORE, AFTER, FAR] = [idOf('2'), idOf('6'), idOf('a')].map((id) => contactOf(id));

describe('stretches of the ring', () => {
  it('a tab is responsible from its predecessor on, over the top too, and for all where it is alone', () => {
    expect(ownStretch(SELF, ringOf({ predecessors: [BEFORE!] }))).toEqual({ from: 0.125, to: 0.25 });
    expect(ownStretch(SELF, ringOf({ predecessors: [FAR!] }))).toEqual({ from: 0.625, to: 1.25 });
    expect(ownStretch(SELF, ringOf())).toEqual({ from: 0.25, to: 1.25 });
  });

  it('the lists cover what lies between their ends, or all once they meet or lack nobody', () => {
    const apart = { listSize: 1, predecessors: [BEFORE!], successors: [AFTER!] };
    expect(listedStretch(SELF, ringOf(apart))).toEqual({ from: 0.125, to: 0.375 });
    expect(listedStretch(SELF, ringOf({ ...apart, listSize: 2 }))).toEqual({ from: 0.25, to: 1.25 });
    expect(listedStretch(SELF, ringOf({ ...apart, listSize: 2, gap: 'contact-lost' }))).toEqual({
      from: 0.125,
      to: 0.375,
    });
    const meeting = { listSize: 2, predecessors: [BEFORE!, FAR!], successors: [AFTER!, FAR!] };
    expect(listedStretch(SELF, ringOf(meeting))).toEqual({ from: 0.25, to: 1.25 });
  });
});

describe('the table in words', () => {
  it('calls a list full, complete or says why it may lack nodes', () => {
    const word = (size: number, gap: 'none' | 'contact-lost'): string =>
      completenessOf(listPart([BEFORE!], ringOf({ listSize: size, gap }))).word;
    expect([word(1, 'contact-lost'), word(2, 'none'), word(2, 'contact-lost')]).toEqual([
      'full',
      'complete',
      'contact lost',
    ]);
  });

  it('counts a gap of the lists once, and one for each finger', () => {
    const finger = { exponent: 255, start: idOf('c'), gap: 'not-looked-up' } as const;
    expect(completenessText(tableParts(ringOf()))).toBe('complete');
    expect(completenessText(tableParts(ringOf({ gap: 'contact-lost', fingers: [finger, finger] })))).toBe(
      '3 gaps',
    );
  });

  it('says when the lists were last compared, and whether an answer is awaited', () => {
    const ring = ringOf({ successors: [AFTER!] });
    expect(stabilizedText(ring, '4 s')).toBe('4 s ago');
    expect(stabilizedText(ring, 'now')).toBe('just now');
    expect(stabilizedText({ ...ring, stabilizing: true }, '4 s')).toBe('4 s ago; waiting for the successor');
    expect(stabilizedText({ ...ring, stabilizing: true }, undefined)).toBe(
      'never yet; waiting for the successor',
    );
    expect(stabilizedText(ringOf(), '4 s')).toBe('nobody to compare with');
  });

  it('tells fingers that lead to one node together', () => {
    const finger = (exponent: number, id?: string) => ({
      exponent,
      start: idOf(String(exponent)),
      ...(id === undefined ? {} : { contact: contactOf(idOf(id)) }),
      gap: 'none' as const,
    });
    const groups = groupFingers([
      finger(1, 'a'),
      finger(2, 'a'),
      finger(3),
      finger(4),
      finger(5, 'b'),
      finger(6, 'a'),
    ]);
    const told = groups.map(({ fingers, contact }) => [contact, ...fingers.map(({ exponent }) => exponent)]);
    expect(told).toEqual([
      [idOf('a'), 1, 2],
      [undefined, 3, 4],
      [idOf('b'), 5],
      [idOf('a'), 6],
    ]);
    const lost = { ...finger(3), gap: 'contact-lost' as const };
    expect(groupFingers([finger(2), lost])).toHaveLength(2);
  });
});
