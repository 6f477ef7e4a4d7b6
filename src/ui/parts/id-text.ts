/** Ids as the page shows them: three coloured bars and the first and last four digits, in full on hover. */

import { html, type TemplateResult } from 'lit';
import type { Id } from '../../session/api.ts';
import { idColours, shortId } from '../format/ids.ts';

/** The coloured bars of an id; decoration, the digits say the same. */
export function idBars(id: Id): TemplateResult {
  const [first, second, third] = idColours(id);
  return html`<i class="bars a${first} b${second} c${third}" aria-hidden="true"></i>`;
}

/** Bars and short text; `note` stands behind the full id on hover. */
export function idText(id: Id, note = ''): TemplateResult {
  return html`<span class="id" title=${note === '' ? id : `${id} ${note}`}
    >${idBars(id)}${shortId(id)}</span
  >`;
}
