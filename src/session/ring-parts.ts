/** What only a ring needs of the page: loaded where one is asked for. */

import { createChord } from '../core/geometry/chord/chord.ts';
import type { GeometryFactory } from '../core/geometry/geometry.ts';
import { Ring } from '../core/ring/ring.ts';
import type { NodeParts, StorePart } from '../core/store/host.ts';
import { RingCalls } from './ring-calls.ts';
import type { StoreNode } from './store-calls.ts';

/** The parts of a session that runs on a ring. */
export interface RingParts {
  readonly geometry: GeometryFactory;
  createStore(parts: NodeParts): StorePart;
  createCalls(node: StoreNode): RingCalls;
}

export const RING_PARTS: RingParts = {
  geometry: createChord,
  createStore: (parts) => new Ring(parts),
  createCalls: (node) => new RingCalls(node),
};
