/** `<hop-buckets>`: the routing table as a table, the text twin of the ring. */

import { LitElement, css, html, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { BucketView, Id, Snapshot } from '../../session/api.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { formatAge, formatMs, plural, UNKNOWN } from '../format/units.ts';
import { completenessOf, completenessText } from '../model/gaps.ts';
import { countContacts, isLinked, type NodeView } from '../model/peers.ts';
import { idText } from '../parts/id-text.ts';
import { standingMark, standingStyles } from '../parts/standing.ts';
import { baseStyles, controlStyles, idStyles, panelStyles } from '../styles/base.styles.ts';

/** A linked node is heard of every two seconds: a count up to there in every row would only flicker. */
const HEARD_MS = 3_000;

/**
 * @summary Buckets with their contacts, candidates and gaps. A row's button chooses the node everywhere.
 */
@customElement('hop-buckets')
export class HopBuckets extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    panelStyles,
    idStyles,
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
      .bucket th {
        padding: 5px 8px;
        border-top: 1px solid var(--line);
        background: var(--raised);
      }
      tbody:first-of-type .bucket th {
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
      .fill {
        width: 56px;
        height: 8px;
        flex: none;
        border-radius: 2px;
      }
      .fill .back {
        fill: var(--line);
      }
      .fill .known {
        fill: var(--line-strong);
      }
      .fill .live {
        fill: var(--accent);
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

  @property({ attribute: false }) store!: SessionStore;
  protected readonly session = new SessionController(this, ['snapshot', 'selection']);

  override render(): TemplateResult {
    const snapshot = this.store.snapshot;
    return html`<div class="head">
        <h2
          id="title"
          tabindex="-1"
          title="Nodes sorted by how many leading bits of their id agree with this tab’s"
        >
          Buckets
        </h2>
        ${
          snapshot === undefined
            ? nothing
            : html`<span class="count" title="In ${plural(snapshot.buckets.length, 'bucket')}"
                  >${plural(countContacts(snapshot), 'contact')}</span
                >
                <span class="spring"></span>
                ${this.renderCompleteness(snapshot)}`
        }
      </div>
      <div class="body">${snapshot === undefined ? nothing : this.renderTable(snapshot)}</div>`;
  }

  /** The node's own word on its table; a reader finds the rows it is about by their colour. */
  private renderCompleteness({ buckets }: Snapshot): TemplateResult {
    const text = completenessText(buckets);
    return html`<span
      class=${text === 'complete' ? 'muted' : 'gap'}
      data-testid="buckets-completeness"
      title="A bucket has a gap when a node that belongs in it may be missing"
      >${text}</span
    >`;
  }

  private renderTable(snapshot: Snapshot): TemplateResult {
    const nodes = new Map(this.store.nodes.map((node) => [node.id, node]));
    return html`<table data-testid="buckets-table" aria-label="Buckets and their contacts">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" class="state">State</th>
          <th scope="col" class="num" title="When it was last known to be alive">Seen</th>
          <th scope="col" class="num" title="Round trip over the link">ms</th>
        </tr>
      </thead>
      ${repeat(
        snapshot.buckets,
        (bucket) => bucket.index,
        (bucket) => this.renderBucket(bucket, snapshot, nodes),
      )}
    </table>`;
  }

  private renderBucket(
    bucket: BucketView,
    snapshot: Snapshot,
    nodes: ReadonlyMap<Id, NodeView>,
  ): TemplateResult {
    const last = bucket === snapshot.buckets.at(-1);
    const linked = bucket.contacts.filter((contact) => contact.linked).length;
    const { complete, word, note } = completenessOf(bucket);
    const covers = `Ids that share ${last ? 'at least' : 'exactly'} ${plural(bucket.index, 'leading bit')} with this tab’s`;
    return html`<tbody>
      <tr
        class="bucket"
        data-testid="bucket-row"
        data-index=${bucket.index}
        data-contacts=${bucket.contacts.length}
        data-candidates=${bucket.candidates.length}
        data-gap=${bucket.gap}
      >
        <th colspan="4" scope="rowgroup">
          <div class="line" title="${covers}. ${note}">
            <b>${bucket.index}${last && bucket.index > 0 ? '+' : ''}</b>
            ${fillBar(bucket.contacts.length, linked, Math.max(snapshot.bucketSize, bucket.contacts.length))}
            <span class="mono">${bucket.contacts.length}/${snapshot.bucketSize}</span>
            <span class="muted">${linked} linked</span>
            ${bucket.candidates.length === 0 ? nothing : html`<span class="muted">${bucket.candidates.length} waiting</span>`}
            <span class=${complete ? 'whole' : 'gap'} data-testid="bucket-completeness">${word}</span>
          </div>
        </th>
      </tr>
      ${
        bucket.contacts.length + bucket.candidates.length === 0
          ? html`<tr class="none">
              <td colspan="4">nobody known here</td>
            </tr>`
          : nothing
      }
      ${repeat(
        bucket.contacts,
        (contact) => contact.id,
        (contact) =>
          this.renderContact(contact.id, nodes.get(contact.id), snapshot.takenAt - contact.lastSeenAt),
      )}
      ${repeat(
        bucket.candidates,
        (id) => id,
        (id) => this.renderContact(id, nodes.get(id), undefined),
      )}
    </tbody>`;
  }

  private renderContact(id: Id, node: NodeView | undefined, seenMs: number | undefined): TemplateResult {
    const chosen = this.store.selection.node === id;
    return html`<tr
      class=${chosen ? 'chosen' : ''}
      data-testid="bucket-contact"
      data-id=${id}
      data-linked=${node !== undefined && isLinked(node)}
    >
      <td>
        <button
          type="button"
          class="id-button"
          aria-pressed=${chosen}
          @click=${() => this.store.selectNode(chosen ? undefined : id)}
        >
          ${idText(id)}
        </button>
      </td>
      <td>${standingMark(node?.standing ?? 'contact')}</td>
      <td class="num">
        ${seenMs === undefined ? html`<span class="muted">${UNKNOWN}</span>` : formatAge(seenMs < HEARD_MS ? 0 : seenMs)}
      </td>
      <td class="num">${formatMs(node?.link?.rttMs)}</td>
    </tr>`;
  }
}

function fillBar(known: number, linked: number, size: number): TemplateResult {
  const width = 56 / size;
  return html`<svg class="fill" viewBox="0 0 56 8" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<rect class="back" width="56" height="8"></rect>
    <rect class="known" width=${width * known} height="8"></rect>
    <rect class="live" width=${width * linked} height="8"></rect>`}
  </svg>`;
}
