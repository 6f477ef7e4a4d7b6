/** How a row of the log and its details are drawn. */

import { html, nothing, type TemplateResult } from 'lit';
import { reasonText } from '../../session/reasons.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { formatPayload } from '../format/payload.ts';
import { retryText } from '../format/retries.ts';
import { formatBytes, formatClock, formatMs, UNKNOWN } from '../format/units.ts';
import '../parts/copy.ts';
import { icon } from '../parts/icons.ts';
import { idText } from '../parts/id-text.ts';
import { pathList } from '../parts/path-list.ts';
import { isUnanswered, type Direction, type LogRow, type Outcome } from './rows.ts';

/** The columns; narrow screens leave out those of class `wide`. */
export const HEADINGS: readonly {
  readonly text: string;
  readonly className: string;
  readonly title: string;
}[] = [
  { text: 'Time', className: 'time', title: 'Local time' },
  { text: 'Dir', className: 'dir', title: 'Direction: out, in, through this tab, or the node itself' },
  { text: 'Kind', className: 'kind', title: 'Kind of message or event' },
  { text: 'Service', className: 'service wide', title: 'app: the application’s own; the rest is upkeep' },
  { text: 'Peer', className: 'peer', title: 'The neighbour at the other end of the hop' },
  { text: 'From → to', className: 'ends wide', title: 'Origin and target of the message' },
  { text: 'Hops', className: 'hops num wide', title: 'Hops made' },
  { text: 'Size', className: 'size num wide', title: 'Bytes of the message' },
  { text: 'ms', className: 'ms num', title: 'From sending to the receipt or reply' },
  { text: 'Outcome', className: 'outcome', title: 'What became of it' },
];

export interface RowOptions {
  readonly rowIndex: number;
  readonly open: boolean;
  /** True for the one row that the Tab key reaches. */
  readonly reachable: boolean;
  /** True when the row belongs to the chosen message. */
  readonly chosen: boolean;
  readonly onToggle: () => void;
}

/** One line. The button opens it; a click anywhere on the line does too. */
export function renderRow(row: LogRow, options: RowOptions): TemplateResult {
  const clock = formatClock(row.at);
  return html`<div
    role="row"
    class="line row ${row.direction} ${row.outcome} ${options.chosen ? 'chosen' : ''} ${options.open ? 'open' : ''}"
    aria-rowindex=${options.rowIndex}
    data-testid="log-row"
    data-seq=${row.seq}
    data-message=${row.message ?? ''}
    data-kind=${row.kind}
    data-direction=${row.direction}
    data-service=${row.service}
    data-outcome=${row.outcome}
    @click=${options.onToggle}
  >
    <span role="cell" class="time">
      <button
        type="button"
        class="opener"
        tabindex=${options.reachable ? 0 : -1}
        aria-expanded=${options.open}
        aria-label="${clock}, details"
        @keyup=${keepSpaceFree}
        @click=${(event: Event) => {
          event.stopPropagation();
          options.onToggle();
        }}
      >
        ${icon(options.open ? 'opened' : 'closed')}<span class="clock"
          >${clock.slice(0, 8)}<span class="fraction">${clock.slice(8)}</span></span
        >
      </button>
    </span>
    <span role="cell" class="dir" title=${DIRECTION_TEXT[row.direction]}
      >${icon(row.direction)}<span>${row.direction}</span></span
    >
    <span role="cell" class="kind">${row.kind}</span>
    <span role="cell" class="service wide">${row.service === 'node' ? unknown() : row.service}</span>
    <span role="cell" class="peer">${row.peer === undefined ? unknown() : idText(row.peer)}</span>
    <span role="cell" class="ends wide">${endsOf(row)}</span>
    <span role="cell" class="hops num wide">${row.hops ?? unknown()}</span>
    <span role="cell" class="size num wide"
      >${row.bytes === undefined ? unknown() : formatBytes(row.bytes)}</span
    >
    <span role="cell" class="ms num"
      >${row.durationMs === undefined ? unknown() : formatMs(row.durationMs)}</span
    >
    <span role="cell" class="outcome" title=${row.detail}>${outcomeText(row)}</span>
  </div>`;
}

/** What stands under an open row: every field, the payload, the way. */
export function renderDetail(row: LogRow, store: SessionStore): TemplateResult {
  const { path, message } = store.selection;
  const facts = factsOf(row);
  return html`<div role="row" class="detail" data-testid="log-detail">
    <div role="cell" class="cell">
      ${
        row.outcome === 'failed' && row.receipt?.reason !== undefined
          ? html`<p class="reason">${reasonText(row.receipt.reason)}</p>`
          : nothing
      }
      ${
        path !== undefined && row.message !== undefined && row.message === message
          ? html`<div class="way">
              <span class="muted" title=${path.whole ? 'Every hop is known' : 'As far as this tab saw it'}
                >${path.whole ? 'way' : 'part of way'}</span
              >
              ${pathList(path, 'log-path-hop', store)}
            </div>`
          : nothing
      }
      <dl>
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd class="mono">
                ${value}${
                  value.length >= 32 && /^[0-9a-f]+$/.test(value)
                    ? html`<hop-copy label="Copy ${name}" .text=${value}></hop-copy>`
                    : nothing
                }
              </dd>
            </div>`,
        )}
      </dl>
    </div>
  </div>`;
}

/** Space pauses the log, also from a row; Firefox would press the button when the key goes up. */
function keepSpaceFree(event: KeyboardEvent): void {
  if (event.key === ' ') event.preventDefault();
}

function factsOf(row: LogRow): readonly (readonly [string, string])[] {
  const { event } = row;
  const facts: (readonly [string, string | undefined])[] = [
    ['message', row.message],
    [
      'payload',
      event.type === 'delivered' || event.type === 'routing' ? formatPayload(event.payload) : undefined,
    ],
    ['origin', row.origin],
    ['target', row.target],
    [row.direction === 'in' ? 'last hop' : row.direction === 'node' ? 'peer' : 'next hop', row.peer],
    ['last hop', event.type === 'routing' ? event.lastHop : undefined],
    ['failed hop', event.type === 'retry' ? event.failedHop : undefined],
    [
      'ruled out',
      row.receipt === undefined || row.receipt.ruledOut.length === 0
        ? undefined
        : `${row.receipt.ruledOut.map((digits) => `${digits.slice(0, 4)}…`).join(' ')} (nearer, but silent)`,
    ],
    ['reason', event.type === 'retry' ? retryText(event.reason).note : undefined],
    ['copies', row.receipt === undefined ? undefined : String(row.receipt.transmissions)],
    ['certainty', row.receipt?.ok === true && row.kind === 'closest' ? row.receipt.certainty : undefined],
    [
      row.kind === 'broadcast' ? 'sent to' : 'answered by',
      row.receipt === undefined ? undefined : row.receipt.by.map(String).join(' '),
    ],
    [
      'exact',
      event.type === 'delivered'
        ? event.exact
          ? 'the target is this tab’s id'
          : 'nearest to the key'
        : undefined,
    ],
    ...(event.type === 'delivered' && event.fromGroup !== undefined
      ? ([
          ['group', event.fromGroup.key],
          ['sent by', event.fromGroup.members.join(' ')],
        ] as const)
      : []),
    ['joined', event.type === 'nodes' ? event.added.join(' ') : undefined],
    ['gone', event.type === 'nodes' ? event.removed.join(' ') : undefined],
    ['says', row.message === undefined ? row.detail : undefined],
  ];
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== '');
}

function endsOf(row: LogRow): TemplateResult {
  if (row.origin === undefined || (row.target === undefined && row.kind !== 'broadcast')) return unknown();
  return html`${idText(row.origin, '(origin)')}<span class="muted" aria-hidden="true">→</span
    >${targetText(row)}`;
}

/** A key is no node: it has no bars. */
function targetText(row: LogRow): TemplateResult {
  const { target } = row;
  if (target === undefined) return html`<span class="muted">${audienceOf(row)}</span>`;
  if (row.kind === 'closest' || row.kind === 'group') {
    return html`<span class="id key-text" title="${target} (key)"
      >◇ ${target.slice(0, 4)}…${target.slice(-4)}</span
    >`;
  }
  return idText(target, '(target)');
}

/** Whom a broadcast is for. Of an own one only the receipt tells; one that passed somebody else is for the network. */
function audienceOf({ direction, event, receipt, origin }: LogRow): string {
  if (direction === 'out')
    return receipt === undefined ? 'many' : receipt.reached === undefined ? 'neighbours' : 'network';
  return event.type === 'delivered' && event.lastHop === origin ? 'neighbours' : 'network';
}

function outcomeText(row: LogRow): TemplateResult {
  // Narrow screens have no column for the duration: it stands here instead of the word.
  const took =
    row.durationMs === undefined ? nothing : html`<span class="took">${formatMs(row.durationMs)} ms</span>`;
  const told = row.outcome === 'ok' && row.durationMs !== undefined ? 'told' : '';
  return html`<span class="word"
      >${isUnanswered(row) ? '' : SIGNS[row.outcome]}<span class=${told}
        >${row.outcome === 'pending' ? 'under way' : row.detail}</span
      ></span
    >
    ${took}`;
}

function unknown(): TemplateResult {
  return html`<span class="faint">${UNKNOWN}</span>`;
}

const SIGNS: Readonly<Record<Outcome, string>> = { pending: '', ok: '✓ ', failed: '✕ ', note: '' };

const DIRECTION_TEXT: Readonly<Record<Direction, string>> = {
  out: 'Sent by this tab',
  in: 'Received by this tab',
  through: 'Passed on by this tab for others',
  node: 'About this tab’s own links and state',
};
