import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf } from '../test-data.ts';
import {
  arcPath,
  bucketArcs,
  chordPath,
  placeNodes,
  pointAt,
  trimmed,
  turnOf,
  turnsBetween,
} from './layout.ts';

const digits = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
  .map((all) => all.join(''));

describe('places on the ring', () => {
  it('puts an id where its number is', () => {
    expect(turnOf(idOf('0'))).toBe(0);
    expect(turnOf(idOf('4'))).toBe(0.25);
    expect(turnOf(idOf('8'))).toBe(0.5);
    expect(turnOf('f'.repeat(64))).toBeCloseTo(1, 6);
    expect(turnOf('f'.repeat(64))).toBeLessThan(1);
    expect(turnOf('')).toBe(0);
    expect(turnOf('no id')).toBe(0);
  });

  it('goes clockwise from the top', () => {
    expect(pointAt(0, 10)).toEqual({ x: 0, y: -10 });
    expect(pointAt(0.25, 10)).toEqual({ x: 10, y: -0 });
    expect(pointAt(0.5, 10)).toEqual({ x: 0, y: 10 });
    expect(pointAt(0.75, 10)).toEqual({ x: -10, y: 0 });
  });

  it('measures the shorter way round', () => {
    expect(turnsBetween(0.95, 0.05)).toBeCloseTo(0.1);
    expect(turnsBetween(0.2, 0.7)).toBeCloseTo(0.5);
    expect(turnsBetween(0.3, 0.3)).toBe(0);
  });

  it('keeps the true angle and moves crowded nodes inward, later ones further', () => {
    const places = placeNodes([idOf('8000'), idOf('8001'), idOf('1')], { apart: 0.01, labelApart: 0.02 });
    expect(places.map((place) => place.id)).toEqual([idOf('1'), idOf('8000'), idOf('8001')]);
    expect(places.map((place) => place.lane)).toEqual([0, 0, 1]);
    expect(places.map((place) => place.labelled)).toEqual([true, true, false]);
    const turned = placeNodes([idOf('8001'), idOf('8000')], { apart: 0.01, labelApart: 0.02 });
    expect(turned.map((place) => place.lane)).toEqual([1, 0]);
  });

  it('sees that the top joins the end and the beginning', () => {
    const places = placeNodes(['f'.repeat(64), idOf('0')], { apart: 0.01, labelApart: 0.02 });
    expect(places.map((place) => place.lane).sort()).toEqual([0, 1]);
  });

  it('property: everybody has a place in order, at its own angle, in a lane that exists', () => {
    fc.assert(
      fc.property(fc.uniqueArray(digits, { maxLength: 60 }), (ids) => {
        const places = placeNodes(ids, { apart: 0.02, labelApart: 0.03 });
        expect(places).toHaveLength(ids.length);
        places.forEach((place, index) => {
          expect(place.turn).toBe(turnOf(place.id));
          expect(place.turn).toBeGreaterThanOrEqual(places[index - 1]?.turn ?? 0);
          expect(place.lane).toBeGreaterThanOrEqual(0);
          expect(place.lane).toBeLessThanOrEqual(6);
        });
      }),
    );
  });
});

describe('arcs of the buckets', () => {
  it('cut the space by the own id', () => {
    expect(bucketArcs(idOf('0'), 3)).toEqual([
      { index: 0, from: 0.5, to: 1 },
      { index: 1, from: 0.25, to: 0.5 },
      { index: 2, from: 0, to: 0.25 },
    ]);
    expect(bucketArcs(idOf('c'), 1)).toEqual([{ index: 0, from: 0, to: 1 }]);
    expect(bucketArcs(idOf('c'), 0)).toEqual([]);
  });

  it('property: they cover the circle without overlap, and an id lies in the arc of its bucket', () => {
    fc.assert(
      fc.property(digits, fc.integer({ min: 1, max: 8 }), digits, (self, count, other) => {
        const arcs = bucketArcs(self, count);
        expect(arcs.reduce((sum, arc) => sum + arc.to - arc.from, 0)).toBeCloseTo(1, 9);
        const holding = arcs.filter((arc) => turnOf(other) >= arc.from && turnOf(other) < arc.to);
        expect(holding).toHaveLength(1);
        const distance = Number.parseInt(self.slice(0, 8), 16) ^ Number.parseInt(other.slice(0, 8), 16);
        expect(holding[0]?.index).toBe(Math.min(count - 1, Math.clz32(distance)));
      }),
    );
  });

  it('leaves out what would be thinner than a line', () => {
    expect(bucketArcs(idOf('0'), 40).length).toBeLessThan(12);
  });
});

describe('paths', () => {
  it('draws arcs and chords', () => {
    expect(arcPath(0, 0.25, 10)).toBe('M0 -10A10 10 0 0 1 10 0');
    expect(arcPath(0, 0.75, 10)).toContain('A10 10 0 1 1');
    expect(arcPath(0, 1, 10).match(/A/g)).toHaveLength(2);
    expect(chordPath({ x: 0, y: -10 }, { x: 10, y: 0 }, 1)).toBe('M0 -10Q0 0 10 0');
  });

  it('shortens a line at both ends, unless it is too short', () => {
    expect(trimmed({ x: 0, y: 0 }, { x: 10, y: 0 }, { before: 2, after: 3 })).toEqual([
      { x: 2, y: 0 },
      { x: 7, y: 0 },
    ]);
    const from = { x: 0, y: 0 };
    expect(trimmed(from, { x: 1, y: 0 }, { before: 2, after: 3 })).toEqual([from, { x: 1, y: 0 }]);
    expect(trimmed(from, from, { before: 0, after: 0 })).toEqual([from, from]);
  });
});
