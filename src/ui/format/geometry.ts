/** Geometries by the names people know. */

import type { GeometryName } from '../../session/api.ts';

export const GEOMETRY_NAMES: Readonly<Record<GeometryName, string>> = {
  kademlia: 'Kademlia',
  chord: 'Chord',
};
