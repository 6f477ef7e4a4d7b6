/** Ids as the page shows them: three coloured bars and the first and last four digits, in full on hover. */

import { html, svg, type TemplateResult } from 'lit';
import type { Id } from '../../session/api.ts';
import { idColours, shortId } from '../format/ids.ts';

/** The coloured bars of an id; decoration, the digits say the same. */
export function idBars(id: Id): TemplateResult {
  return html`<svg class="bars" viewBox="0 0 11 12" aria-hidden="true">
    ${idColours(id).map((colour, index) => svg`<rect class="c${colour}" x=${index * 4} width="3" height="12"/>`)}
  </svg>`;
}

/** Bars and short text; `note` stands behind the full id on hover. */
export function idText(id: Id, note = ''): TemplateResult {
  return html`<span class="id" title=${note === '' ? id : `${id} ${note}`}
    >${idBars(id)}${shortId(id)}</span
  >`;
}
