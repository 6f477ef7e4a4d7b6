/** Contacts without keys or signatures, for tests and benchmarks of tables: the geometry looks at ids alone. */

import { mapKey, type NodeId } from '../id/node-id.ts';
import type { Contact, GeometryName } from '../wire/contact.ts';

const NO_BYTES = new Uint8Array(0);

/** A contact of an id of any length. */
export function contactOf(id: NodeId, sequence = 1, geometry: GeometryName = 'kademlia'): Contact {
  return {
    id,
    key: mapKey(id),
    geometry,
    sequence,
    signingKey: NO_BYTES,
    sealingKey: NO_BYTES,
    record: NO_BYTES,
  };
}
