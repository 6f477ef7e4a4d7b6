/** `<hop-routing-table>`: what a node of a Chord ring knows, as a table. In the place of the buckets; loaded on a ring only. */

import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ContactView, Id, RingView, Snapshot } from '../../session/api.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { formatAge, plural } from '../format/units.ts';
import { completenessOf, completenessText, type TablePart } from '../model/gaps.ts';
import type { NodeView } from '../model/peers.ts';
import { ringContacts, shareText } from '../model/ring.ts';
import { contactRow, contactTableHead, contactTableStyles } from '../parts/contact-table.ts';
import { idText } from '../parts/id-text.ts';
import { baseStyles, controlStyles, idStyles, panelStyles } from '../styles/base.styles.ts';
import {
  fingerPart,
  groupFingers,
  listPart,
  stabilizedText,
  tableParts,
  type FingerGroup,
} from './ring-texts.ts';

/** A heading in the table with the nodes under it. */
interface Section {
  readonly name: string;
  readonly note: string;
  readonly title: TemplateResult;
  readonly part: TablePart | undefined;
  readonly ids: readonly Id[];
  readonly nobody: string;
}

/**
 * @summary Successors, fingers, predecessors and spare nodes. A row's button chooses the node everywhere.
 */
@customElement('hop-routing-table')
export class HopRoutingTable extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    panelStyles,
    idStyles,
    contactTableStyles,
    css`
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        align-items: center;
        gap: 2px 10px;
        padding: 6px 8px 7px 12px;
        border-bottom: 1px solid var(--line);
        font-size: var(--fs-s);
      }
      dt {
        color: var(--muted);
      }
      dd {
        display: flex;
        align-items: center;
        gap: 5px;
        margin: 0;
      }
      sup {
        line-height: 0;
      }
      .pending {
        color: var(--wait);
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) store!: SessionStore;
  protected readonly session = new SessionController(this, ['snapshot', 'selection']);

  override render(): TemplateResult {
    const { snapshot } = this.store;
    const ring = snapshot?.ring;
    return html`<div class="head">
        <h2
          id="title"
          tabindex="-1"
          title="Whom this tab knows on the ring: the nodes around it, and some far ahead"
        >
          Routing table
        </h2>
        ${
          ring === undefined
            ? nothing
            : html`<span class="count">${plural(ringContacts(ring).length, 'contact')}</span>
                <span class="spring"></span>
                ${renderCompleteness(ring)}`
        }
      </div>
      <div class="body">
        ${snapshot === undefined || ring === undefined ? nothing : this.renderBody(snapshot, ring)}
      </div>`;
  }

  private renderBody(snapshot: Snapshot, ring: RingView): TemplateResult {
    const nodes = new Map(this.store.nodes.map((node) => [node.id, node]));
    return html`${renderFacts(snapshot, ring)}
      <table data-testid="routing-table" aria-label="Successors, fingers and predecessors">
        ${contactTableHead()}
        ${repeat(
          sectionsOf(snapshot, ring),
          ({ name }) => name,
          (section) => this.renderSection(section, nodes),
        )}
      </table>`;
  }

  private renderSection(section: Section, nodes: ReadonlyMap<Id, NodeView>): TemplateResult {
    const { name, note, title, part, ids, nobody } = section;
    const completeness = part === undefined ? undefined : completenessOf(part);
    return html`<tbody data-testid="ring-part" data-part=${name} data-gap=${part?.gap ?? 'none'}>
      <tr class="part">
        <th colspan="4" scope="rowgroup">
          <div class="line" title="${note}${completeness === undefined ? '' : ` ${completeness.note}`}">
            ${title}
            ${
              completeness === undefined
                ? nothing
                : html`<span class=${completeness.complete ? 'whole' : 'gap'}>${completeness.word}</span>`
            }
          </div>
        </th>
      </tr>
      ${
        ids.length === 0
          ? html`<tr class="none">
              <td colspan="4">${nobody}</td>
            </tr>`
          : nothing
      }
      ${repeat(
        ids,
        (id) => id,
        (id) => contactRow(id, nodes.get(id), this.store),
      )}
    </tbody>`;
  }
}

/** The node's own word on its table; a reader finds the rows it is about by their colour. */
function renderCompleteness(ring: RingView): TemplateResult {
  const text = completenessText(tableParts(ring));
  return html`<span
    class=${text === 'complete' ? 'muted' : 'gap'}
    data-testid="ring-completeness"
    title="There is a gap where a node that belongs into the lists or to a finger may be missing"
    >${text}</span
  >`;
}

/** What the node is responsible for, and how fresh its word on its neighbours is. */
function renderFacts(snapshot: Snapshot, ring: RingView): TemplateResult {
  const [predecessor] = ring.predecessors;
  const ago = ring.stabilizedAt === undefined ? undefined : snapshot.takenAt - ring.stabilizedAt;
  return html`<dl>
    <dt title="It is the successor of these keys">own keys</dt>
    <dd data-testid="own-keys-text">
      ${
        predecessor === undefined
          ? 'all of them'
          : html`after ${idText(predecessor.id)} ${shareText(predecessor.id, snapshot.id)} of all`
      }
    </dd>
    <dt title="Stabilizing: comparing the lists with the successor’s">stabilized</dt>
    <dd
      data-testid="ring-stabilized"
      data-pending=${ring.stabilizing}
      class=${ring.stabilizing ? 'pending' : ''}
    >
      ${stabilizedText(ring, ago === undefined ? undefined : formatAge(ago))}
    </dd>
  </dl>`;
}

const NO_FINGERS: Section = {
  name: 'fingers',
  note: 'Fingers point half the ring ahead, a quarter, an eighth and so on, as far as that is beyond the successors.',
  title: html`<b>Fingers</b><span class="mono">0</span>`,
  part: undefined,
  ids: [],
  nobody: 'none needed: the lists reach as far',
};

function sectionsOf(snapshot: Snapshot, ring: RingView): readonly Section[] {
  const spare: Section = {
    name: 'spare',
    note: 'Known nodes that stand in no list and that no finger points to.',
    title: html`<b>Spare</b><span class="mono">${ring.candidates.length}</span>`,
    part: undefined,
    ids: ring.candidates,
    nobody: '',
  };
  return [
    listSection('successors', 'Clockwise from this tab, nearest first.', ring.successors, ring),
    ...(ring.fingers.length === 0
      ? [NO_FINGERS]
      : groupFingers(ring.fingers).map((group) => fingerSection(group, snapshot))),
    listSection(
      'predecessors',
      'Counter-clockwise from this tab, nearest first: its own keys begin after the first.',
      ring.predecessors,
      ring,
    ),
    ...(ring.candidates.length === 0 ? [] : [spare]),
  ];
}

function listSection(
  name: 'successors' | 'predecessors',
  note: string,
  list: readonly ContactView[],
  ring: RingView,
): Section {
  const linked = list.filter((contact) => contact.linked).length;
  const title = html`<b>${name === 'successors' ? 'Successors' : 'Predecessors'}</b>
    <span class="mono">${list.length}/${ring.listSize}</span>
    <span class="muted">${linked} linked</span>`;
  const ids = list.map(({ id }) => id);
  return { name, note, title, ids, part: listPart(list, ring), nobody: 'nobody else on the ring is known' };
}

function fingerSection({ fingers, contact }: FingerGroup, snapshot: Snapshot): Section {
  const [first] = fingers;
  const last = fingers.at(-1) ?? first;
  const { exponent, start } = first;
  const together = fingers.length === 1 ? '' : `, and so on up to ${shareText(snapshot.id, last.start)}`;
  return {
    name: `finger-${exponent}`,
    note: `The first node at or after ${start}, ${shareText(snapshot.id, start)} of the ring ahead${together}.`,
    title: html`<b>${fingers.length === 1 ? 'Finger' : 'Fingers'}</b>
      <span class="mono"
        >2<sup>${exponent}</sup>${last === first ? nothing : html`–2<sup>${last.exponent}</sup>`}</span
      >
      <span class="muted">from ${start.slice(0, 4)}…</span>`,
    part: fingerPart(first),
    ids: contact === undefined ? [] : [contact],
    nobody: 'nobody known there',
  };
}
