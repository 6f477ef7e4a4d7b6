/** The hops of a message as a numbered list: the text twin of the path on the ring. */

import { css, html, nothing, type TemplateResult } from 'lit';
import type { Id } from '../../session/api.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { retryText } from '../format/retries.ts';
import { plural } from '../format/units.ts';
import { cameThrough, isSidestep, type FailedTry, type MessagePath } from '../log/message-path.ts';
import { sharedBits } from '../model/peers.ts';
import { besideText } from '../model/ring.ts';
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
  ol.path button,
  ul.tries button {
    padding: 0 3px;
  }
  ol.path .aside {
    color: var(--muted);
    font-size: var(--fs-s);
  }
  ul.tries {
    display: grid;
    gap: 1px;
    margin-top: 4px;
  }
  ul.tries li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 4px;
  }
  ul.tries .cross {
    min-width: 16px;
    color: var(--bad);
    font-weight: 700;
    text-align: center;
  }
  ul.tries .why {
    color: var(--bad);
  }
`;

/** Nodes tried in vain that are shown; of more the latest. */
const TRIES_MAX = 8;

/**
 * The hops, and under them what was tried in vain. A stop is a button that chooses its node everywhere; hovering tells
 * how near it is to the target.
 */
export function pathList(path: MessagePath, testId: string, store: SessionStore): TemplateResult {
  const geometry = store.snapshot?.geometry ?? 'kademlia';
  return html`<ol class="path" aria-label="Hops">
      ${path.stops.map(
        (stop, index) =>
          html`<li data-testid=${testId} data-id=${stop.id} data-hop=${stop.hop ?? ''}>
            ${index === 0 || path.isLookup ? nothing : html`<span class="arrow" aria-hidden="true">${stop.afterGap ? '⋯→' : '→'}</span>`}
            <span class="hop" aria-hidden="true">${stop.hop ?? '?'}</span>
            ${nodeButton(stop.id, path, store)}
            ${isSidestep(path, index, geometry) ? html`<span class="aside" title=${SIDESTEP_NOTE}>sidestep</span>` : nothing}
          </li>`,
      )}
    </ol>
    ${path.tries.length === 0 ? nothing : triesList(path, store)}`;
}

function triesList(path: MessagePath, store: SessionStore): TemplateResult {
  const byNode = new Map<Id, FailedTry[]>();
  for (const tried of path.tries) {
    const others = byNode.get(tried.failedHop) ?? [];
    byNode.set(tried.failedHop, [...others, tried]);
  }
  const nodes = [...byNode].slice(-TRIES_MAX);
  const hidden = byNode.size - nodes.length;
  return html`<ul class="tries" aria-label="Tried in vain" data-testid="path-tries">
    <li class="muted">tried in vain${hidden === 0 ? '' : `, and ${plural(hidden, 'node')} before`}</li>
    ${nodes.map(([id, tries]) => triesOfNode(id, tries, path, store))}
  </ul>`;
}

/** Each reason once; where the message went then, only after the last. */
function triesOfNode(
  id: Id,
  tries: readonly FailedTry[],
  path: MessagePath,
  store: SessionStore,
): TemplateResult {
  const reasons = [...new Set(tries.map((tried) => tried.reason))];
  const last = tries.at(-1);
  return html`<li data-testid="path-try" data-id=${id} data-reason=${reasons.join(' ')}>
    <span class="cross" aria-hidden="true">✕</span>
    ${nodeButton(id, path, store)}
    <span class="why" title=${reasons.map((reason) => retryText(reason).note).join('. ')}
      >${reasons.map((reason) => retryText(reason).word).join(', ')}</span
    >
    <span class="muted">${last === undefined ? '' : wordsAfter(last, path)}</span>
  </li>`;
}

function wordsAfter(tried: FailedTry, path: MessagePath): string {
  if (cameThrough(path, tried)) return 'slow: it went on from there after all';
  return tried.nextHop === undefined ? '' : `then by ${tried.nextHop.slice(0, 4)}`;
}

function nodeButton(id: Id, path: MessagePath, store: SessionStore): TemplateResult {
  return html`<button
    type="button"
    class="id-button"
    title=${noteOf(id, path.target, store)}
    @click=${() => store.selectNode(id)}
  >
    ${idText(id)}${id === store.overlay?.id ? html`<span class="muted">this tab</span>` : nothing}
  </button>`;
}

const SIDESTEP_NOTE =
  'Not nearer to the target than the hop before: taken for the sake of whom it is linked to, or because nearer ways failed';

function noteOf(id: Id, target: Id | undefined, store: SessionStore): string {
  const rttMs = store.nodes.find((node) => node.id === id)?.link?.rttMs;
  const isRing = store.snapshot?.geometry === 'chord';
  const near = target === undefined ? [] : [isRing ? besideText(id, target) : sharedText(id, target)];
  const round = rttMs === undefined ? [] : [`round trip from here ${rttMs.toFixed(1)} ms`];
  return [id, ...near, ...round].join(', ');
}

function sharedText(id: Id, target: Id): string {
  return `shares ${sharedBits(id, target)} leading bits with the target`;
}
