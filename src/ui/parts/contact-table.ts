/** Rows of known nodes under the headings of their parts of the table: buckets, or the lists and fingers of a ring. */

import { css, html, type TemplateResult } from 'lit';
import type { Id } from '../../session/api.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { formatAge, formatMs, UNKNOWN } from '../format/units.ts';
import { isLinked, type NodeView } from '../model/peers.ts';
import { idText } from './id-text.ts';
import { standingMark, standingStyles } from './standing.ts';

/** A linked node is heard of every two seconds: a count up to there in every row would only flicker. */
const HEARD_MS = 3_000;

/** Needs `idStyles` beside it. */
export const contactTableStyles = [
  standingStyles,
  css`
    /* Fixed columns: a number that changes moves nothing else. */
    table {
      width: 100%;
      border-collapse: collapse;
      table-layout: fixed;
    }
    th.state {
      width: 80px;
    }
    thead th.num {
      width: 52px;
    }
    th {
      font-weight: 600;
      text-align: left;
    }
    thead th {
      position: sticky;
      top: 0;
      z-index: 1;
      padding: 4px 8px;
      background: var(--surface);
      box-shadow: 0 1px 0 var(--line);
      color: var(--muted);
      font-size: var(--fs-s);
    }
    thead th.num {
      font-family: var(--sans);
      text-align: right;
    }
    .part th {
      padding: 5px 8px;
      border-top: 1px solid var(--line);
      background: var(--raised);
    }
    tbody:first-of-type .part th {
      border-top: none;
    }
    .line {
      display: flex;
      align-items: center;
      gap: 8px;
      font-weight: 400;
    }
    .line b {
      min-width: 2ch;
      font-weight: 700;
      font-variant-numeric: tabular-nums;
    }
    .gap,
    .whole {
      margin-left: auto;
      font-size: var(--fs-s);
      white-space: nowrap;
    }
    .gap {
      color: var(--wait);
      font-weight: 600;
    }
    .whole {
      color: var(--muted);
    }
    td {
      padding: 1px 8px 1px 6px;
      height: 25px;
    }
    td:first-child {
      padding-left: 12px;
    }
    tr.chosen td {
      background: var(--chosen);
    }
    .none td {
      color: var(--muted);
      font-size: var(--fs-s);
    }
  `,
];

/** The columns. */
export function contactTableHead(): TemplateResult {
  return html`<thead>
    <tr>
      <th scope="col">Node</th>
      <th scope="col" class="state">State</th>
      <th scope="col" class="num" title="When it was last known to be alive">Seen</th>
      <th scope="col" class="num" title="Round trip over the link">ms</th>
    </tr>
  </thead>`;
}

/** One node; its button chooses it everywhere. `node` is what else is known of it. */
export function contactRow(id: Id, node: NodeView | undefined, store: SessionStore): TemplateResult {
  const chosen = store.selection.node === id;
  const seenAt = node?.lastSeenAt;
  const seenMs = seenAt === undefined ? undefined : (store.snapshot?.takenAt ?? seenAt) - seenAt;
  return html`<tr
    class=${chosen ? 'chosen' : ''}
    data-testid="table-contact"
    data-id=${id}
    data-linked=${node !== undefined && isLinked(node)}
  >
    <td>
      <button
        type="button"
        class="id-button"
        aria-pressed=${chosen}
        @click=${() => store.selectNode(chosen ? undefined : id)}
      >
        ${idText(id)}
      </button>
    </td>
    <td>${standingMark(node?.standing ?? 'contact', store.snapshot?.geometry)}</td>
    <td class="num">
      ${seenMs === undefined ? html`<span class="muted">${UNKNOWN}</span>` : formatAge(seenMs < HEARD_MS ? 0 : seenMs)}
    </td>
    <td class="num">${formatMs(node?.link?.rttMs)}</td>
  </tr>`;
}
