import { describeGeometry } from '../geometry-contract.ts';
import { ChordGeometry } from './chord.ts';

describeGeometry('chord', (self) => new ChordGeometry({ self, listSize: 16, cells: 8, refreshMs: 600_000 }));

describeGeometry(
  'chord, one contact of each finger, lists of 4',
  (self) => new ChordGeometry({ self, listSize: 4, cells: 1, refreshMs: 600_000 }),
);
