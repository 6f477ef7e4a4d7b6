/** The hops of a message as a numbered list: the text twin of the path on the ring. */

import { css, html, nothing, type TemplateResult } from 'lit';
import type { Id } from '../../session/api.ts';
import type { MessagePath } from '../log/message-path.ts';
import { sharedBits } from '../model/peers.ts';
import { idText } from './id-text.ts';

/** Needs `idStyles` beside it. */
export const pathListStyles = css`
  ol.path {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 3px 4px;
  }
  ol.path li {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }
  ol.path .hop {
    display: inline-grid;
    place-items: center;
    min-width: 16px;
    height: 16px;
    padding: 0 3px;
    border-radius: 8px;
    background: var(--path);
    color: var(--on-path);
    font: 600 10.5px / 1 var(--mono);
  }
  ol.path .arrow {
    color: var(--muted);
  }
  ol.path button {
    padding: 0 3px;
  }
`;

export interface PathListOptions {
  /** `data-testid` of each stop. */
  readonly testId: string;
  readonly self: Id | undefined;
  /** Round trip of the link to a node, where this tab has one. */
  readonly rttMsOf: (id: Id) => number | undefined;
  readonly onSelect: (id: Id) => void;
}

/** A stop is a button that chooses its node everywhere; hovering tells how near it is to the target. */
export function pathList(path: MessagePath, options: PathListOptions): TemplateResult {
  return html`<ol class="path" aria-label="Hops">
    ${path.stops.map(
      (stop, index) =>
        html`<li data-testid=${options.testId} data-id=${stop.id} data-hop=${stop.hop ?? ''}>
          ${index === 0 ? nothing : html`<span class="arrow" aria-hidden="true">${stop.afterGap ? '⋯→' : '→'}</span>`}
          <span class="hop" aria-hidden="true">${stop.hop ?? '?'}</span>
          <button
            type="button"
            class="id-button"
            title=${noteOf(stop.id, path.target, options)}
            @click=${() => options.onSelect(stop.id)}
          >
            ${idText(stop.id)}${stop.id === options.self ? html`<span class="muted">this tab</span>` : nothing}
          </button>
        </li>`,
    )}
  </ol>`;
}

function noteOf(id: Id, target: Id | undefined, options: PathListOptions): string {
  const rttMs = options.rttMsOf(id);
  const near = target === undefined ? [] : [`shares ${sharedBits(id, target)} leading bits with the target`];
  const round = rttMs === undefined ? [] : [`round trip from here ${rttMs.toFixed(1)} ms`];
  return [id, ...near, ...round].join(', ');
}
