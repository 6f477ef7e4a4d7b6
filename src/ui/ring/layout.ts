/**
 * Where things stand on the ring: the whole key space is one turn, clockwise from the top, and an id's place is the
 * id itself. Angles are in turns (0 to 1), coordinates in the drawing's own units with the centre at 0, 0. Pure.
 */

import type { Id } from '../../session/api.ts';

/** Radius of the ring, and of the arcs around it, in the drawing's units. */
export const RADIUS = 130;
export const ARC_RADIUS = RADIUS + 14;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A node's place on the drawing. */
export interface Place {
  readonly id: Id;
  /** Share of a full turn, 0 at the top, clockwise. */
  readonly turn: number;
  /** 0 on the ring; crowded nodes move inward one lane at a time, at their true angle. */
  readonly lane: number;
  /** False where a label would lie over another one. */
  readonly labelled: boolean;
}

/** The stretch of the key space that one bucket covers. */
export interface BucketArc {
  readonly index: number;
  readonly from: number;
  /** May be above 1 where the arc passes the top. */
  readonly to: number;
}

/** Digits that decide an angle: 32 bits, far below a pixel. */
const DIGITS = 8;
const LANES_MAX = 6;

/** The place of an id on the circle, in turns. Anything that is not hexadecimal counts as zero digits. */
export function turnOf(id: Id): number {
  const value = Number.parseInt(id.slice(0, DIGITS).padEnd(DIGITS, '0'), 16);
  return Number.isNaN(value) ? 0 : value / 16 ** DIGITS;
}

/** A point at a turn and a distance from the centre. */
export function pointAt(turn: number, radius: number): Point {
  const angle = turn * 2 * Math.PI;
  return { x: round(radius * Math.sin(angle)), y: round(-radius * Math.cos(angle)) };
}

/** The shorter way round between two turns, 0 to 0.5. */
export function turnsBetween(a: number, b: number): number {
  const gap = Math.abs(a - b) % 1;
  return Math.min(gap, 1 - gap);
}

/**
 * Places for all ids (most important first), returned in the order of their angles. Nodes nearer than `apart` turns
 * take different lanes, labels keep `labelApart` turns between them; earlier ids get the better place.
 */
export function placeNodes(
  ids: readonly Id[],
  options: { readonly apart: number; readonly labelApart: number },
): readonly Place[] {
  const places: Place[] = [];
  for (const id of ids) {
    const turn = turnOf(id);
    const near = places
      .filter((other) => turnsBetween(other.turn, turn) < options.apart)
      .map((other) => other.lane);
    let lane = 0;
    while (lane < LANES_MAX && near.includes(lane)) lane += 1;
    const crowded = places.some(
      (other) => other.labelled && turnsBetween(other.turn, turn) < options.labelApart,
    );
    places.push({ id, turn, lane, labelled: !crowded });
  }
  return places.sort((a, b) => a.turn - b.turn);
}

/**
 * The arcs of the buckets, as the own id cuts the space: bucket i holds the ids that share exactly i leading bits
 * with it; the last one covers all that share at least that many. Arcs under a thousandth of a turn are left out.
 */
export function bucketArcs(self: Id, bucketCount: number): readonly BucketArc[] {
  const arcs: BucketArc[] = [];
  const selfTurn = turnOf(self);
  for (let index = 0; index < bucketCount; index += 1) {
    const last = index === bucketCount - 1;
    const size = 1 / 2 ** (last ? index : index + 1);
    if (size < 0.001) break;
    const own = Math.floor(selfTurn / size);
    // The sibling half of the own stretch has the lowest bit of its number flipped; the last bucket is the stretch itself.
    const from = (last ? own : own ^ 1) * size;
    arcs.push({ index, from, to: from + size });
  }
  return arcs;
}

/** An SVG path along the circle from one turn to another, clockwise. A full turn becomes two halves. */
export function arcPath(from: number, to: number, radius: number): string {
  const start = pointAt(from, radius);
  if (to - from >= 0.9999) {
    const half = pointAt(from + 0.5, radius);
    return (
      `M${start.x} ${start.y}A${radius} ${radius} 0 1 1 ${half.x} ${half.y}` +
      `A${radius} ${radius} 0 1 1 ${start.x} ${start.y}`
    );
  }
  const end = pointAt(to, radius);
  return `M${start.x} ${start.y}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${end.x} ${end.y}`;
}

/** An SVG path between two points that bends towards the centre, so that chords of neighbours stay visible. */
export function chordPath(from: Point, to: Point, bend: number): string {
  const middle = { x: ((from.x + to.x) / 2) * (1 - bend), y: ((from.y + to.y) / 2) * (1 - bend) };
  return `M${from.x} ${from.y}Q${round(middle.x)} ${round(middle.y)} ${to.x} ${to.y}`;
}

/** Shortens the way from one point to another by `before` at the start and `after` at the end. */
export function trimmed(
  from: Point,
  to: Point,
  ends: { readonly before: number; readonly after: number },
): [Point, Point] {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length <= ends.before + ends.after) return [from, to];
  const x = (to.x - from.x) / length;
  const y = (to.y - from.y) / length;
  return [
    { x: round(from.x + x * ends.before), y: round(from.y + y * ends.before) },
    { x: round(to.x - x * ends.after), y: round(to.y - y * ends.after) },
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
