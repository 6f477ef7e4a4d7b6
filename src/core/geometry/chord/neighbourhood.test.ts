/** What a node of a ring is certain of: when it joins, how far that reaches, and what never makes a gap in it. Ids of one byte. */

import { describe, expect, test } from 'vitest';
import { asNodeId, mapKey, type NodeId } from '../../id/node-id.ts';
import { contactOf } from '../test-contacts.ts';
import { ChordGeometry } from './chord.ts';

const id = (value: number): NodeId => asNodeId(Uint8Array.of(value));
const nobody = (): boolean => false;

/** A node at 100 with lists of 2 and one more, that has heard of some others. */
function at100(...known: number[]): ChordGeometry {
  const geometry = new ChordGeometry({
    self: id(100),
    listSize: 2,
    spare: 1,
    cells: 1,
    refreshMs: 1_000,
  });
  hear(geometry, ...known);
  return geometry;
}

function hear(geometry: ChordGeometry, ...known: number[]): void {
  for (const value of known) geometry.offer(contactOf(id(value), 1, 'chord'), 0, false);
}

function tell(geometry: ChordGeometry, ...chain: number[]): void {
  geometry.onNamed(chain.map(id), nobody);
}

function certain(geometry: ChordGeometry): number[] {
  return geometry.certain.ids.map((bytes) => bytes[0]!);
}

/** Lets the node look up its own id and be answered with these. */
function lookUp(geometry: ChordGeometry, now: number, ...chain: number[]): void {
  expect(geometry.lookupsDue(now, (count) => new Uint8Array(count))).toHaveLength(1);
  tell(geometry, ...chain);
  geometry.lookupDone(8, now, true);
}

describe('a node joins', () => {
  test('[CM9] by a chain around it with a list of the wanted length', () => {
    const geometry = at100(80, 90, 110, 120);
    tell(geometry, 80, 90, 110);
    expect(certain(geometry)).toEqual([100]);
    tell(geometry, 80, 90, 110, 120);
    expect(certain(geometry)).toEqual([80, 90, 100, 110, 120]);
  });

  test('[CM9] by everybody, however few', () => {
    const geometry = at100(110);
    tell(geometry, 110, 110);
    expect(certain(geometry)).toEqual([100, 110]);
    expect(geometry.certain.isClosed).toBe(true);
  });

  test('[CM9] not by a chain beside it, nor before it knows whom the chain names', () => {
    const geometry = at100(80, 110, 120);
    tell(geometry, 110, 120, 80);
    expect(certain(geometry)).toEqual([100]);
    tell(geometry, 80, 110, 115, 120);
    expect(certain(geometry)).toEqual([100]);
  });

  test('[CM9] an answer of a member is a chain around the asker; one of a newcomer claims nothing', () => {
    const member = at100(70, 80, 90, 110, 120);
    tell(member, 80, 90, 110, 120);
    const [first, ...rest] = member.answer(id(95), 8, true).map((bytes) => bytes[0]);
    expect([first, ...rest]).toEqual([80, 90, 100, 110, 120]);
    const newcomer = at100(70, 80, 90, 110, 120);
    expect(newcomer.answer(id(95), 8, true)[0]).toEqual(id(100));
    const asker = new ChordGeometry({ self: id(95), listSize: 2, spare: 1, cells: 1, refreshMs: 1_000 });
    hear(asker, 70, 80, 90, 100, 110, 120);
    asker.onNamed(newcomer.answer(id(95), 8, true), nobody);
    expect(certain(asker)).toEqual([95]);
    asker.onNamed(member.answer(id(95), 8, true), nobody);
    expect(certain(asker)).toEqual([80, 90, 95, 100, 110, 120]);
  });

  test('[CM10] or begins a ring, after four answers of nodes that are certain of nothing there', () => {
    const geometry = at100(80, 90, 110, 120, 130);
    for (let answers = 1; answers <= 4; answers++) {
      expect(certain(geometry)).toEqual([100]);
      lookUp(geometry, answers * 10_000, 110, 120, 90);
    }
    expect(certain(geometry)).toEqual([80, 90, 100, 110, 120]);
  });

  test('[CM10] or begins it alone', () => {
    const geometry = at100();
    geometry.alone();
    expect(geometry.certain.isClosed).toBe(true);
    const stranger = at100(110);
    stranger.alone();
    expect(stranger.certain.isClosed).toBe(false);
  });
});

describe('a stretch', () => {
  const joined = (...more: number[]): ChordGeometry => {
    const geometry = at100(80, 90, 110, 120, ...more);
    tell(geometry, 80, 90, 110, 120);
    return geometry;
  };

  test('[CM4] grows to the end of a chain that meets it, as far as its nodes are known', () => {
    const geometry = joined(130, 150);
    tell(geometry, 115, 120, 130, 140, 150);
    expect(certain(geometry)).toEqual([80, 90, 100, 110, 120, 130]);
    const passing = joined(130);
    passing.remove(mapKey(id(110)), 0);
    passing.onNamed([id(120), id(125), id(130)], (key) => key === mapKey(id(125)));
    expect(certain(passing)).toEqual([80, 90, 100, 120, 130]);
  });

  test('[CM4] does not grow by a chain that it does not meet, and not by hearsay', () => {
    const geometry = joined();
    geometry.remove(mapKey(id(110)), 0);
    hear(geometry, 130);
    expect(certain(geometry)).toEqual([80, 90, 100, 120]);
    tell(geometry, 125, 130, 140);
    expect(certain(geometry)).toEqual([80, 90, 100, 120]);
  });

  test('[CM4] is the whole ring where that leads all the way round', () => {
    const geometry = joined();
    tell(geometry, 110, 120, 80, 90, 110);
    expect(geometry.certain).toEqual({ ids: [100, 110, 120, 80, 90].map(id), isClosed: true });
    const meeting = joined();
    tell(meeting, 110, 120, 80, 90);
    expect(meeting.certain.isClosed).toBe(true);
  });

  test('[CM3] is not changed by ids that go round twice, come twice or are of another length', () => {
    const geometry = joined(130);
    tell(geometry, 120, 90, 130);
    tell(geometry, 120, 130, 130);
    tell(geometry, 120, 110, 130);
    geometry.onNamed([id(120), asNodeId(Uint8Array.of(130, 0))], nobody);
    geometry.onNamed([], nobody);
    expect(certain(geometry)).toEqual([80, 90, 100, 110, 120]);
  });

  test('[CM11] has no gap where a newcomer pushes somebody out of a full list', () => {
    const geometry = joined(130, 70);
    tell(geometry, 110, 120, 130);
    tell(geometry, 70, 80, 90);
    expect(certain(geometry)).toEqual([70, 80, 90, 100, 110, 120, 130]);
    hear(geometry, 85, 105);
    expect(certain(geometry)).toEqual([80, 85, 90, 100, 105, 110, 120]);
    expect(geometry.stretch.upTo).toEqual(id(120));
    expect(geometry.stretch.from).toEqual(id(80));
  });

  test('[CM11] of the whole ring ends where so many come that somebody is pushed out', () => {
    const geometry = at100(80, 90, 110, 120);
    tell(geometry, 110, 120, 80, 90, 110);
    hear(geometry, 130, 70);
    expect(geometry.certain.isClosed).toBe(false);
    expect(certain(geometry)).toEqual([70, 80, 90, 100, 110, 120, 130]);
  });
});
