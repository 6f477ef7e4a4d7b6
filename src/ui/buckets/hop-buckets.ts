/** `<hop-buckets>`: the routing table as a table, the text twin of the ring. */

import { LitElement, css, html, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { BucketView, Id, Snapshot } from '../../session/api.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { plural } from '../format/units.ts';
import { completenessOf, completenessText } from '../model/gaps.ts';
import { countContacts, type NodeView } from '../model/peers.ts';
import { contactRow, contactTableHead, contactTableStyles } from '../parts/contact-table.ts';
import { baseStyles, controlStyles, idStyles, panelStyles } from '../styles/base.styles.ts';

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
    contactTableStyles,
    css`
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
      ${contactTableHead()}
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
        class="part"
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
        (contact) => contactRow(contact.id, nodes.get(contact.id), this.store),
      )}
      ${repeat(
        bucket.candidates,
        (id) => id,
        (id) => contactRow(id, nodes.get(id), this.store),
      )}
    </tbody>`;
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
