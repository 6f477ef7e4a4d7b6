import { describeGeometry } from '../geometry-contract.ts';
import { KademliaGeometry } from './kademlia.ts';

describeGeometry(
  'kademlia',
  (self) => new KademliaGeometry({ self, bucketSize: 8, replacementsMax: 8, refreshMs: 600_000 }),
);

describeGeometry(
  'kademlia, bucketSize 1',
  (self) => new KademliaGeometry({ self, bucketSize: 1, replacementsMax: 8, refreshMs: 600_000 }),
);
