/** The lower half of the send panel: one result in full, the history, and what came in. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Id, Receipt } from '../../session/api.ts';
import { reasonText } from '../../session/reasons.ts';
import type { SendEntry } from '../controllers/send-history.ts';
import type { ReceivedEntry, SessionStore } from '../controllers/session-store.ts';
import { formatPayload } from '../format/payload.ts';
import { formatClock, formatMs, group, plural } from '../format/units.ts';
import { triesOf, wholePath } from '../log/message-path.ts';
import { groupText, isWayKnown } from '../log/rows.ts';
import { idText } from '../parts/id-text.ts';
import { pathList } from '../parts/path-list.ts';
import { isFullId, shortId } from '../format/ids.ts';

/** What became of one send. Announced politely, because the reader waits for it. */
export function renderResult(entry: SendEntry, store: SessionStore): TemplateResult {
  const receipt = entry.receipt;
  const ok = entry.misuse === undefined && receipt?.ok === true;
  const state = entry.misuse === undefined && receipt === undefined ? 'pending' : ok ? 'ok' : 'failed';
  return html`<section
    class="result ${state}"
    role="status"
    data-testid="send-result"
    data-state=${state}
    data-action=${entry.action}
    data-ok=${state === 'pending' ? '' : ok}
    data-reason=${receipt?.reason ?? ''}
    data-message=${receipt?.message ?? ''}
    data-hops=${receipt?.hops ?? ''}
    data-reached=${receipt?.reached ?? ''}
  >
    <h3>${headline(entry, store.overlay?.id)}</h3>
    ${receipt === undefined ? nothing : renderReceipt(entry, receipt, store)}
  </section>`;
}

/** The last sends; choosing one shows its result and its way. */
export function renderHistory(
  entries: readonly SendEntry[],
  shown: SendEntry | undefined,
  onChoose: (entry: SendEntry) => void,
): TemplateResult | typeof nothing {
  if (entries.length === 0) return nothing;
  return html`<h3 class="section">Sent</h3>
    <ul class="list" data-testid="send-history">
      ${entries.map(
        (entry) =>
          html`<li>
            <button
              type="button"
              class="entry"
              aria-pressed=${entry === shown}
              data-testid="send-history-row"
              data-message=${entry.receipt?.message ?? ''}
              @click=${() => onChoose(entry)}
            >
              <span class="mark ${markOf(entry)}" aria-hidden="true"></span>
              <span class="what"
                >${entry.asRequest ? 'request ' : ''}${entry.action} ${targetText(entry)}</span
              >
              <span class="muted">${outcomeText(entry)}</span>
            </button>
          </li>`,
      )}
    </ul>`;
}

/** Messages of the application that reached this tab, and whether this page answers requests. */
export function renderReceived(store: SessionStore): TemplateResult {
  return html`<div class="section with-switch">
      <h3>Received</h3>
      <label
        class="check"
        title="Answers requests with what came in. Off leaves them to handlers added from the console"
      >
        <input
          type="checkbox"
          role="switch"
          data-testid="echo-toggle"
          .checked=${store.echo}
          @change=${(event: Event) => {
            store.echo = (event.target as HTMLInputElement).checked;
            store.touch('sends');
          }}
        />
        answer requests with an echo
      </label>
    </div>
    ${
      store.received.length === 0
        ? html`<p class="hint">Nothing yet. What others send to this tab appears here.</p>`
        : html`<ul class="list" data-testid="received-list">
            ${store.received.map((entry) => renderReceivedEntry(entry, store))}
          </ul>`
    }`;
}

function renderReceivedEntry(entry: ReceivedEntry, store: SessionStore): TemplateResult {
  const { message } = entry;
  return html`<li>
    <button
      type="button"
      class="entry two"
      aria-pressed=${store.selection.message === message.id}
      data-testid="received-row"
      data-message=${message.id}
      data-origin=${message.origin}
      data-kind=${message.kind}
      @click=${() => store.selectMessage(message.id)}
    >
      <span class="from">
        ${idText(message.origin)}
        <span class="muted"
          >${message.kind}${message.wantsReply ? ' request' : ''}${wayText(message, store)}</span
        >
        <span class="muted time">${formatClock(entry.at).slice(0, 8)}</span>
      </span>
      <span class="mono payload" data-testid="received-payload">${formatPayload(message.payload, 200)}</span>
      ${entry.answer === undefined ? nothing : html`<span class="muted">answered with an echo</span>`}
    </button>
  </li>`;
}

function renderReceipt(entry: SendEntry, receipt: Receipt, store: SessionStore): TemplateResult {
  const self = store.overlay?.id;
  return html`<dl>
      ${
        receipt.ok && receipt.by.length > 0 && entry.action !== 'lookup' && entry.action !== 'group'
          ? fact(
              entry.action === 'broadcast' ? 'sent to' : entry.asRequest ? 'answered by' : 'received by',
              idsOf(receipt.by, self),
            )
          : nothing
      }
      ${receipt.ok && receipt.reached === undefined ? fact('hops', html`<span class="mono">${receipt.hops}</span>${entry.action === 'group' ? html` <span class="muted">to the first member</span>` : nothing}`) : nothing}
      ${fact('round trip', html`<span class="mono">${formatMs(receipt.rttMs)} ms</span>`)}
      ${fact('copies', html`<span class="mono">${receipt.transmissions}</span>${copiesNote(entry)}`)}
      ${renderUnknown(entry, receipt)}
      ${receipt.ok && entry.action === 'closest' ? fact('nearest?', CERTAINTY_TEXT[receipt.certainty]) : nothing}
      ${receipt.ruledOut.length === 0 ? nothing : fact('ruled out', ruledOutText(receipt))}
      ${receipt.onTheWay ? fact('answered', 'by a node on the way') : nothing}
      ${
        entry.reply === undefined
          ? nothing
          : fact(
              'reply',
              html`<span class="mono payload" data-testid="send-reply"
                >${formatPayload(entry.reply, 1_000)}</span
              >`,
            )
      }
    </dl>
    ${entry.found === undefined || entry.found.length === 0 ? nothing : idList(entry.found, 'lookup-found', 'Nodes found, nearest first', store)}
    ${entry.action === 'group' && receipt.ok ? idList(receipt.by, 'group-member', 'Members that acknowledged', store) : nothing}
    ${renderWay(entry, receipt, store)}`;
}

/** The way it took, or how far it is known to have come, and what was tried in vain. */
function renderWay(entry: SendEntry, receipt: Receipt, store: SessionStore): TemplateResult | typeof nothing {
  // A broadcast has many ways, and its sender learns none of them.
  if (entry.action === 'broadcast') return nothing;
  const self = store.overlay?.id;
  const rows = receipt.message === undefined ? [] : store.log.rowsOf(receipt.message);
  const target = entry.targetId ?? rows.find((row) => row.target !== undefined)?.target;
  const path = wholePath(receipt.path, target, triesOf(rows, self, receipt));
  if (path.stops.length + path.tries.length === 0) return nothing;
  return pathList(path, 'result-path-hop', store);
}

/** Nearer nodes that were tried and said nothing: why somebody farther was taken. */
function ruledOutText({ ruledOut }: Receipt): TemplateResult {
  return html`<span title="Nodes nearer to the key that said nothing when they were tried"
    >${ruledOut.map((digits) => html`<span class="mono" title="${digits}…">${digits.slice(0, 4)}…</span> `)}<span
      class="muted"
      >nearer, but silent</span
    ></span
  >`;
}

/** What the counted copies are, where they are not all there were. */
function copiesNote({ action, scope }: SendEntry): TemplateResult | typeof nothing {
  if (action === 'group') return html` <span class="muted">up to there</span>`;
  if (action === 'broadcast' && scope === 'network')
    return html` <span class="muted">sent by this tab</span>`;
  return nothing;
}

/** What the result of a message to many does not tell. */
function renderUnknown(entry: SendEntry, receipt: Receipt): TemplateResult | typeof nothing {
  if (!receipt.ok) return nothing;
  if (receipt.reached !== undefined) return fact('not known', REACHED_UNKNOWN);
  return entry.action === 'group' && receipt.by.length < entry.groupSize
    ? fact('not known', MEMBERS_UNKNOWN)
    : nothing;
}

/** Nodes as buttons that choose them everywhere. */
function idList(ids: readonly Id[], testId: string, label: string, store: SessionStore): TemplateResult {
  const self = store.overlay?.id;
  return html`<ol class="found" aria-label=${label}>
    ${ids.map(
      (id) =>
        html`<li data-testid=${testId} data-id=${id}>
          <button type="button" class="id-button" @click=${() => store.selectNode(id)}>
            ${idText(id)}${id === self ? html`<span class="muted">this tab</span>` : nothing}
          </button>
        </li>`,
    )}
  </ol>`;
}

function fact(name: string, value: unknown): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function idsOf(ids: readonly Id[], self: Id | undefined): TemplateResult {
  const shown = ids.slice(0, 6);
  return html`${shown.map((id) => html`${idText(id)}${id === self ? html` <span class="muted">this tab</span>` : nothing} `)}
  ${ids.length > shown.length ? html`<span class="muted">and ${ids.length - shown.length} more</span>` : nothing}`;
}

/** The result in one sentence. */
function headline(entry: SendEntry, self: Id | undefined): string {
  if (entry.misuse !== undefined) return `Not sent: ${entry.misuse}`;
  const receipt = entry.receipt;
  if (receipt === undefined) return entry.action === 'lookup' ? 'Looking…' : 'Under way…';
  if (!receipt.ok) return failureText(entry, receipt);
  switch (entry.action) {
    case 'lookup':
      return `Found ${plural(entry.found?.length ?? 0, 'node')}.`;
    case 'broadcast':
      return receipt.reached === undefined
        ? `Sent to ${plural(receipt.by.length, 'peer')}.`
        : `Reached ${plural(receipt.reached, 'other node')}.`;
    case 'group':
      if (receipt.by.length < entry.groupSize)
        return `Acknowledged by ${plural(receipt.by.length, 'node')}, asked for ${entry.groupSize}.`;
      return `Acknowledged by ${entry.groupSize === 1 ? 'the only member' : `all ${entry.groupSize} members`}.`;
    default: {
      const here = receipt.by.length === 1 && receipt.by[0] === self;
      const who = here ? 'this tab itself' : receipt.by.map(shortId).join(', ');
      return entry.asRequest ? `Answered by ${who}.` : `Received by ${who}.`;
    }
  }
}

function failureText(entry: SendEntry, { reason }: Receipt): string {
  if (reason === undefined) return entry.action === 'group' ? 'No member acknowledged it.' : 'Failed.';
  // The general sentence is about a message to one node that is not linked.
  if (reason === 'not-linked' && entry.action === 'broadcast')
    return 'No other node was reached: this tab has no link, or nobody at the other ends answered.';
  return reasonText(reason);
}

function markOf(entry: SendEntry): string {
  if (entry.misuse !== undefined) return 'failed';
  if (entry.receipt === undefined) return 'pending';
  return entry.receipt.ok ? 'ok' : 'failed';
}

function outcomeText(entry: SendEntry): string {
  if (entry.misuse !== undefined) return 'not sent';
  const receipt = entry.receipt;
  if (receipt === undefined) return '…';
  return receipt.ok
    ? `${extentText(entry, receipt)}, ${formatMs(receipt.rttMs)} ms`
    : (receipt.reason ?? 'failed');
}

/** How far it came: in hops, or to how many. */
function extentText(entry: SendEntry, receipt: Receipt): string {
  if (receipt.reached !== undefined) return `${group(receipt.reached)} reached`;
  return entry.action === 'group' ? plural(receipt.by.length, 'member') : plural(receipt.hops, 'hop');
}

function targetText(entry: SendEntry): string {
  if (entry.action === 'broadcast') return entry.scope === 'network' ? 'to the network' : '';
  return isFullId(entry.target) ? shortId(entry.target) : `“${entry.target.slice(0, 24)}”`;
}

const REACHED_UNKNOWN = 'which nodes they are, and whether it missed any';
const MEMBERS_UNKNOWN = 'whether there are others that did not answer';

const CERTAINTY_TEXT = {
  complete: 'yes: nobody nearer can exist, by all views on the way',
  likely: 'likely',
  unknown: 'not known',
} as const;

/** Behind the kind of a message that came: whose word it is, or over how many hops, where that is known. */
function wayText(message: ReceivedEntry['message'], store: SessionStore): string {
  if (message.fromGroup !== undefined) return `, ${groupText(message.fromGroup)}`;
  return isWayKnown(message, store.overlay?.id) ? `, ${plural(message.hops, 'hop')}` : '';
}
