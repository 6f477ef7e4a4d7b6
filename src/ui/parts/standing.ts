/** A node's standing as a small sign and a word: the same signs as on the ring. */

import { css, html, type TemplateResult } from 'lit';
import type { GeometryName } from '../../session/api.ts';
import type { Standing } from '../model/peers.ts';

export const standingStyles = css`
  .standing {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    white-space: nowrap;
  }
  .standing i {
    width: 9px;
    height: 9px;
    flex: none;
    border: 1.5px solid var(--muted);
    border-radius: 50%;
  }
  .standing.linked i {
    border-color: var(--accent);
    background: var(--accent);
  }
  .standing.suspect i {
    border: 1.5px dashed var(--surface);
    background: var(--wait);
  }
  .standing.suspect {
    color: var(--wait);
  }
  .standing.linking i {
    border: 1.5px dashed var(--accent);
  }
  .standing.candidate i {
    width: 5px;
    height: 5px;
    margin: 0 2px;
    border: none;
    background: var(--muted);
  }
  .standing.contact,
  .standing.candidate {
    color: var(--muted);
  }
`;

const WORDS: Readonly<Record<Standing, { readonly word: string; readonly note: string }>> = {
  linked: { word: 'linked', note: 'A live data channel' },
  suspect: { word: 'silent', note: 'Linked, but it has stopped answering heartbeats' },
  linking: { word: 'linking', note: 'A link is being set up' },
  contact: { word: 'known', note: 'Known, not linked: messages reach it over others' },
  candidate: { word: 'waiting', note: 'Known, waiting for a place in a full bucket' },
};

const RING_CANDIDATE = { word: 'spare', note: 'Known, but in no list, and no finger points to it' } as const;

/** The sign and the word; a node without a place waits for one in a bucket, not on a ring. */
export function standingMark(standing: Standing, geometry: GeometryName | undefined): TemplateResult {
  const isSpare = geometry === 'chord' && standing === 'candidate';
  const { word, note } = isSpare ? RING_CANDIDATE : WORDS[standing];
  return html`<span class="standing ${standing}" title=${note}><i aria-hidden="true"></i>${word}</span>`;
}
