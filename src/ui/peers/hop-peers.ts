/** `<hop-peers>`: every node this tab knows, searchable and sortable; the chosen one opens to its details. */

import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Id, LinkView, Snapshot } from '../../session/api.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { formatAge, formatBytes, formatMs, group, UNKNOWN } from '../format/units.ts';
import { isLinked, searchNodes, sharedBits, sortNodes, type NodeView, type SortKey } from '../model/peers.ts';
import { placeText, shareText } from '../model/ring.ts';
import '../parts/copy.ts';
import { icon } from '../parts/icons.ts';
import { idText } from '../parts/id-text.ts';
import { standingMark } from '../parts/standing.ts';
import { peersStyles } from './hop-peers.styles.ts';

const SORTS: readonly (readonly [SortKey, string])[] = [
  ['state', 'state'],
  ['distance', 'distance'],
  ['id', 'id'],
  ['rtt', 'round trip'],
  ['age', 'age of link'],
  ['role', 'role'],
  ['in', 'bytes in'],
  ['out', 'bytes out'],
];

/** Word and note for what a link is there for. */
const ROLES: Readonly<Record<LinkView['role'], readonly [string, string]>> = {
  bucket: ['bucket', 'kept so that its bucket has a link'],
  sibling: ['sibling', 'kept as one of the nearest neighbours'],
  extra: ['extra', 'beyond what is needed; may be dropped'],
  none: ['unwanted', 'wanted by the other side only'],
};

const RING_ROLES: typeof ROLES = {
  ...ROLES,
  bucket: ['finger', 'kept because a finger points to it'],
  sibling: ['neighbour', 'kept as one of the next on the ring'],
};

/**
 * @summary Peers and contacts with state, round trip, age, role and bytes.
 * @event hop-send-to - Asks for the send panel with `detail.id` as its target.
 */
@customElement('hop-peers')
export class HopPeers extends LitElement {
  static override styles = peersStyles;

  @property({ attribute: false }) store!: SessionStore;
  @state() private search = '';
  @state() private sortKey: SortKey = 'state';
  @state() private descending = false;
  protected readonly session = new SessionController(this, ['snapshot', 'selection']);

  override render(): TemplateResult {
    const snapshot = this.store.snapshot;
    const found = searchNodes(this.store.nodes, this.search);
    return html`<div class="head">
        <h2 id="title" tabindex="-1">Peers</h2>
        <span class="count"
          >${found.length === this.store.nodes.length ? found.length : `${found.length} of ${this.store.nodes.length}`}</span
        >
        <input
          type="search"
          data-testid="peers-search"
          aria-label="Search peers by id or state"
          placeholder="search"
          .value=${this.search}
          @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
        />
        <select
          data-testid="peers-sort"
          aria-label="Sort peers by"
          title="Sort by"
          @change=${(event: Event) => (this.sortKey = (event.target as HTMLSelectElement).value as SortKey)}
        >
          ${SORTS.map(([key, text]) => html`<option value=${key} ?selected=${key === this.sortKey}>${text}</option>`)}
        </select>
        <button
          type="button"
          class="icon plain"
          aria-label=${this.descending ? 'Largest first. Turn round' : 'Smallest first. Turn round'}
          title=${this.descending ? 'Largest first' : 'Smallest first'}
          @click=${() => (this.descending = !this.descending)}
        >
          ${icon(this.descending ? 'down' : 'up')}
        </button>
      </div>
      <div class="body">${snapshot === undefined ? nothing : this.renderList(snapshot, found)}</div>`;
  }

  private renderList(snapshot: Snapshot, found: readonly NodeView[]): TemplateResult {
    if (this.store.nodes.length === 0) {
      return html`<p class="empty">
        No peers yet. Open this page’s link in another tab: it appears here by itself.
      </p>`;
    }
    if (found.length === 0) return html`<p class="empty">No peer matches “${this.search}”.</p>`;
    const order = {
      key: this.sortKey,
      descending: this.descending,
      geometry: snapshot.geometry,
      self: snapshot.id,
      now: snapshot.takenAt,
    };
    return html`<table data-testid="peers-list" aria-label="Peers">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" class="state">State</th>
          <th scope="col" class="num ms">ms</th>
          <th scope="col" class="num mid age">Age</th>
          <th scope="col" class="mid role">Role</th>
          <th scope="col" class="num wide">In</th>
          <th scope="col" class="num wide">Out</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          sortNodes(found, order),
          (node) => node.id,
          (node) => this.renderRow(node, snapshot),
        )}
      </tbody>
    </table>`;
  }

  private renderRow(node: NodeView, snapshot: Snapshot): TemplateResult {
    const chosen = this.store.selection.node === node.id;
    const link = node.link;
    const ageMs = link?.upAt === undefined ? undefined : snapshot.takenAt - link.upAt;
    return html`<tr
        class=${chosen ? 'chosen' : ''}
        data-testid="peer-row"
        data-id=${node.id}
        data-state=${node.standing}
        @click=${() => this.choose(node.id)}
      >
        <td>
          <button
            type="button"
            class="id-button"
            aria-expanded=${chosen}
            @click=${(event: Event) => {
              event.stopPropagation();
              this.choose(node.id);
            }}
          >
            ${idText(node.id)}
          </button>
        </td>
        <td>${standingMark(node.standing, snapshot.geometry)}</td>
        <td class="num">${formatMs(link?.rttMs)}</td>
        <td class="num mid">${formatAge(ageMs)}</td>
        <td class="mid">
          ${link === undefined ? html`<span class="muted">${UNKNOWN}</span>` : roleOf(link, snapshot)[0]}
        </td>
        <td class="num wide">${formatBytes(link?.bytesIn)}</td>
        <td class="num wide">${formatBytes(link?.bytesOut)}</td>
      </tr>
      ${chosen ? this.renderDetail(node, snapshot) : nothing}`;
  }

  private renderDetail(node: NodeView, snapshot: Snapshot): TemplateResult {
    return html`<tr class="detail" data-testid="peer-detail">
      <td colspan="3">
        <div class="full">
          <code class="mono">${node.id}</code>
          <hop-copy label="Copy this id" .text=${node.id}></hop-copy>
        </div>
        <dl>
          ${factsOf(node, snapshot).map(
            ([name, value]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
        </dl>
        <div class="actions">
          <button
            type="button"
            data-testid="peer-ping"
            ?disabled=${!isLinked(node)}
            title=${isLinked(node) ? 'Ask for a heartbeat now' : 'Only linked peers can be pinged'}
            @click=${() => this.store.overlay?.ping(node.id)}
          >
            ${icon('ping')}Ping
          </button>
          <button type="button" data-testid="peer-send" @click=${() => this.sendTo(node)}>
            ${icon('send')}Send to it
          </button>
        </div>
      </td>
      <td class="mid" colspan="2"></td>
      <td class="wide" colspan="2"></td>
    </tr>`;
  }

  private choose(id: Id): void {
    this.store.selectNode(this.store.selection.node === id ? undefined : id);
  }

  private sendTo(node: NodeView): void {
    this.dispatchEvent(
      new CustomEvent('hop-send-to', { bubbles: true, composed: true, detail: { id: node.id } }),
    );
  }
}

function roleOf({ role }: LinkView, { geometry }: Snapshot): readonly [string, string] {
  return (geometry === 'chord' ? RING_ROLES : ROLES)[role];
}

/** Names and values of everything known about a node and its link. */
function factsOf(node: NodeView, snapshot: Snapshot): readonly (readonly [string, string])[] {
  const { ring, id: self } = snapshot;
  const facts: (readonly [string, string])[] =
    ring === undefined
      ? [
          ['bucket', node.bucket === undefined ? 'in none' : String(node.bucket)],
          ['shared bits', String(sharedBits(node.id, self))],
        ]
      : [
          ['place', placeText(node.id, ring) ?? 'none'],
          ['clockwise', `${shareText(self, node.id)} of the ring`],
        ];
  if (node.lastSeenAt !== undefined) facts.push(['last seen', formatAge(snapshot.takenAt - node.lastSeenAt)]);
  const link = node.link;
  if (link === undefined) return facts;
  const since = link.upAt ?? link.startedAt;
  return [
    ...facts,
    [link.upAt === undefined ? 'trying for' : 'linked for', formatAge(snapshot.takenAt - since)],
    ['round trip', link.rttMs === undefined ? UNKNOWN : `${formatMs(link.rttMs)} ms`],
    ['dialled by', link.outgoing ? 'this tab' : 'the peer'],
    ['role', roleOf(link, snapshot).join(': ')],
    ['in', `${formatBytes(link.bytesIn)}, ${group(link.framesIn)} frames`],
    ['out', `${formatBytes(link.bytesOut)}, ${group(link.framesOut)} frames`],
    ['queued', group(link.queued)],
    ['its links', group(link.peerLinks)],
  ];
}
