/** What Chord adds to the drawing of the ring: the stretch this tab is responsible for, its lists and its fingers. */

import { nothing, svg, type SVGTemplateResult } from 'lit';
import type { Id, RingView } from '../../session/api.ts';
import { placeText } from '../model/ring.ts';
import type { Ground } from '../ring/ground.ts';
import { ARC_RADIUS, arcPath, chordPath, pointAt, RADIUS, turnOf } from '../ring/layout.ts';
import { groupFingers, type FingerGroup } from './ring-texts.ts';
import { ownStretch, listedStretch, type Stretch } from './stretches.ts';

/** Between the circle and the arcs around it. */
const FINGER_RADIUS = RADIUS + 7;
/** Arcs end a little early, so that the dots at their ends stay free. */
const INSET = 0.003;

export const ringGround: Ground = {
  draw: ({ id, ring }) => (ring === undefined ? [] : [renderRing(id, ring)]),
  legend: [
    {
      sign: svg`<path fill="none" stroke="var(--accent)" stroke-width="4" d="M-8 0H8"></path>`,
      text: 'own keys',
      note: 'The keys after the predecessor up to this tab: it is responsible for them',
    },
    {
      sign: svg`<path class="arc" d="M-8 0H8"></path><path stroke="var(--text)" stroke-width="1.6" d="M0 -5V5"></path>`,
      text: 'successor',
      note: 'The stretch of the ring in which this tab knows every node, and its successors',
    },
    {
      sign: svg`<path fill="none" stroke="var(--muted)" stroke-width="1.4" stroke-dasharray="1 4" stroke-linecap="round" d="M-8 0H8"></path>`,
      text: 'finger',
      note: 'Points to the first node at or after a place half the ring, a quarter, an eighth … ahead',
    },
  ],
  placeOf: ({ id }, { ring }) => (ring === undefined ? undefined : placeText(id, ring)),
};

function renderRing(self: Id, ring: RingView): SVGTemplateResult {
  const [own, listed] = [ownStretch(self, ring), listedStretch(self, ring)];
  return svg`<path class="arc odd" d=${arcOf(listed)}></path>
    <path data-testid="own-keys" fill="none" stroke="var(--accent)" stroke-width="4" d=${arcOf(own)}></path>
    ${ring.successors.map(({ id }, index) => renderSuccessor(id, index === 0))}
    ${groupFingers(ring.fingers).map((group) => renderFinger(self, group))}`;
}

function arcOf({ from, to }: Stretch): string {
  const inset = Math.min(INSET, (to - from) / 6);
  return arcPath(from + inset, to - inset, ARC_RADIUS);
}

/** A stroke from the arc towards the node, away from its label; the first one is longer. */
function renderSuccessor(id: Id, isFirst: boolean): SVGTemplateResult {
  const from = pointAt(turnOf(id), ARC_RADIUS - (isFirst ? 7 : 4.5));
  const to = pointAt(turnOf(id), ARC_RADIUS + 1.5);
  return svg`<path data-testid="ring-successor" data-id=${id} fill="none" stroke="var(--text)"
    stroke-width=${isFirst ? 2.2 : 1.4} d="M${from.x} ${from.y}L${to.x} ${to.y}"></path>`;
}

/** A dotted line to the fingers' node, and one along the ring to it from where the fingers start, each with a dot. */
function renderFinger(self: Id, { fingers, contact }: FingerGroup): SVGTemplateResult | typeof nothing {
  if (contact === undefined) return nothing;
  const [begin, end] = [turnOf(fingers[0].start), turnOf(contact)];
  const line = chordPath(pointAt(turnOf(self), RADIUS), pointAt(end, RADIUS), 0.06);
  const search = arcPath(begin, end < begin ? end + 1 : end, FINGER_RADIUS);
  return svg`<g data-testid="ring-finger" data-id=${contact}
    fill="none" stroke="var(--muted)" stroke-width="1.4">
    <path stroke-dasharray="1 4" stroke-linecap="round" d=${line}></path>
    <path stroke-width="1.1" d=${search}></path>
    ${fingers.map(({ start }) => {
      const at = pointAt(turnOf(start), FINGER_RADIUS);
      return svg`<circle cx=${at.x} cy=${at.y} r="1.8" fill="var(--muted)" stroke="none"></circle>`;
    })}
  </g>`;
}
