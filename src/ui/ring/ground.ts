/** What a geometry adds to the drawing of the ring, and Kademlia's: one arc for each bucket. */

import { svg, type SVGTemplateResult } from 'lit';
import type { Snapshot } from '../../session/api.ts';
import type { NodeView } from '../model/peers.ts';
import { ARC_RADIUS, arcPath, bucketArcs } from './layout.ts';

/** Decoration of one geometry. */
export interface Ground {
  /** Drawn behind links and nodes. */
  readonly draw: (snapshot: Snapshot, chosen: NodeView | undefined) => readonly SVGTemplateResult[];
  /** Each sign is drawn in a square of 18 units around 0, 0. */
  readonly legend: readonly {
    readonly sign: SVGTemplateResult;
    readonly text: string;
    readonly note: string;
  }[];
  /** Where a node stands in the table, in words. */
  readonly placeOf: (node: NodeView, snapshot: Snapshot) => string | undefined;
}

export const bucketGround: Ground = {
  draw: ({ id, buckets }, chosen) =>
    bucketArcs(id, buckets.length).map((arc) => {
      // Arcs end a little early, so that neighbours do not run together.
      const inset = Math.min(0.003, (arc.to - arc.from) / 6);
      return svg`<path class="arc ${arc.index === chosen?.bucket ? 'chosen' : ''} ${arc.index % 2 === 0 ? '' : 'odd'}"
        d=${arcPath(arc.from + inset, arc.to - inset, ARC_RADIUS)}></path>`;
    }),
  legend: [
    {
      sign: svg`<path class="arc" d="M-8 0H8"></path>`,
      text: 'bucket',
      note: 'Each arc is the stretch of the key space one bucket covers',
    },
  ],
  placeOf: ({ bucket }) => (bucket === undefined ? undefined : `bucket ${bucket}`),
};
