/** The way of a message on the ring: an arrow for each hop and a numbered dot for each stop. */

import { nothing, svg, type SVGTemplateResult } from 'lit';
import type { Id } from '../../session/api.ts';
import type { PathStop } from '../log/message-path.ts';
import { chordPath, trimmed, type Point } from './layout.ts';

/** A stop with its place on the drawing. */
export interface Stop extends PathStop {
  readonly at: Point;
  /** Where its arrow begins, unless that is the stop before. */
  readonly start: Point | undefined;
}

/** Radius of a numbered dot, in the drawing's units. */
const BADGE = 8.5;

/** A try in vain with its places on the drawing. */
export interface Dead {
  readonly id: Id;
  readonly note: string;
  readonly from: Point;
  readonly to: Point;
}

/** Arrows below, numbers on top. Screen readers get the hop list under the ring instead. */
export function renderPath(
  stops: readonly Stop[],
  dead: readonly Dead[],
): SVGTemplateResult | typeof nothing {
  if (stops.length === 0 && dead.length === 0) return nothing;
  return svg`<g class="path" aria-hidden="true">
    <defs>
      <marker id="tip" viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="4.5" markerHeight="4.5" orient="auto-start-reverse">
        <path class="tip" d="M0 0L8 4L0 8z"></path>
      </marker>
    </defs>
    ${dead.map(renderDead)}
    ${stops.map((stop, index) => renderArrow(stop.start ?? stops[index - 1]?.at, stop))}
    ${stops.map(
      (
        stop,
      ) => svg`<g class="badge" data-testid="ring-path-hop" data-id=${stop.id} data-hop=${stop.hop ?? ''}>
        <circle cx=${stop.at.x} cy=${stop.at.y} r=${BADGE}></circle>
        <text x=${stop.at.x} y=${stop.at.y + 3.8} text-anchor="middle">${stop.hop ?? '?'}</text>
      </g>`,
    )}
  </g>`;
}

function renderArrow(from: Point | undefined, to: Stop): SVGTemplateResult | typeof nothing {
  if (from === undefined) return nothing;
  const [start, end] = trimmed(from, to.at, { before: BADGE, after: BADGE + 3 });
  return svg`<path class="arrow ${to.afterGap ? 'gap' : ''}" marker-end="url(#tip)" d=${chordPath(start, end, 0.12)}></path>`;
}

/** A broken line, and a cross short of the node it did not lead beyond. */
function renderDead({ id, note, from, to }: Dead): SVGTemplateResult {
  const [start, end] = trimmed(from, to, { before: BADGE, after: BADGE + 5 });
  return svg`<g class="dead" data-testid="ring-path-try" data-id=${id}>
    <title>${note}</title>
    <path class="broken" d=${chordPath(start, end, 0.12)}></path>
    <path class="cross" d="M${end.x - 4} ${end.y - 4}l8 8m0 -8l-8 8"></path>
  </g>`;
}
