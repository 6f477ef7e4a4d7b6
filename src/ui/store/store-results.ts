/** One outcome of the store in full, the list of the last ones, and what is watched. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Id, Payload } from '../../session/api.ts';
import type { GetResult, LookupStepView, PutResult, RecordView } from '../../session/store-api.ts';
import { storeReasonText } from '../../session/store-reasons.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { formatPayload } from '../format/payload.ts';
import { formatBytes, formatClock, formatMs, plural } from '../format/units.ts';
import { idText } from '../parts/id-text.ts';
import { icon } from '../parts/icons.ts';
import { lookupPath } from './lookup-path.ts';
import { fileOf, saveFile, type StoredFile } from './stored-file.ts';
import type { StoreEntry, WatchEntry } from './store-history.ts';
import {
  expiryText,
  headline,
  nameText,
  outcomeOf,
  outcomeText,
  publisherText,
  STEP_TEXTS,
  typeText,
} from './store-texts.ts';

/** Publishers' records shown of one read. */
const RECORDS_MAX = 8;
/** Characters of a value that are shown; the copy has all of them. */
const SHOWN_MAX = 2_000;

export interface OutcomeOptions {
  readonly store: SessionStore;
  /** The ring shows a lookup now. */
  readonly onRing: () => void;
}

/** What came of one call, or what a watch told. Announced politely, because the reader waits for it. */
export function renderOutcome(entry: StoreEntry, options: OutcomeOptions): TemplateResult {
  const { store } = options;
  const outcome = outcomeOf(entry);
  const { key, put, got, change, action } = entry;
  const self = store.overlay?.id;
  const result = put ?? got;
  return html`<section
    class="result ${outcome}"
    role="status"
    data-testid="store-result"
    data-action=${action}
    data-state=${outcome}
    data-reason=${result?.reason ?? ''}
  >
    <h3>${headline(entry, self)}</h3>
    <dl>
      ${fact(WHAT[action], nameText(entry.name))}
      ${key === undefined ? nothing : fact('key', withCopy(idText(key), key, 'Copy key'))}
      ${got?.ok ? renderFound(got, self) : nothing}
      ${change === undefined ? nothing : renderRecord(change, self)}
      ${put === undefined ? nothing : renderHolders(put, self)}
      ${result === undefined ? nothing : fact('took', html`<span class="mono">${formatMs(result.tookMs)} ms</span>, ${plural(result.requests, 'request')}`)}
    </dl>
    ${result === undefined || key === undefined ? nothing : renderSteps(result, key, options)}
  </section>`;
}

/** The last entries; choosing one shows it in full. */
export function renderEntries(
  entries: readonly StoreEntry[],
  shown: StoreEntry | undefined,
  onChoose: (entry: StoreEntry) => void,
): TemplateResult | typeof nothing {
  if (entries.length === 0) return nothing;
  return html`<h3 class="section">Asked and seen</h3>
    <ul class="list" data-testid="store-history">
      ${entries.map((entry) => {
        const outcome = outcomeOf(entry);
        return html`<li>
          <button
            type="button"
            class="entry"
            aria-pressed=${entry === shown}
            title=${formatClock(entry.at).slice(0, 8)}
            data-testid="store-history-row"
            data-action=${entry.action}
            data-state=${outcome}
            @click=${() => onChoose(entry)}
          >
            <span class="mark ${outcome}" aria-hidden="true"></span>
            <span class="what">${WHAT[entry.action]} ${nameText(entry.name)}</span>
            <span class="muted">${outcomeText(entry)}</span>
          </button>
        </li>`;
      })}
    </ul>`;
}

/** The watched keys, each with a button that ends it. */
export function renderWatches(
  watches: readonly WatchEntry[],
  onStop: (watch: WatchEntry) => void,
): TemplateResult | typeof nothing {
  if (watches.length === 0) return nothing;
  return html`<h3 class="section">Watched</h3>
    <ul class="list" data-testid="store-watches">
      ${watches.map(
        (watch) =>
          html`<li class="watch" data-testid="store-watch" data-changes=${watch.changes}>
            <span class="what">${nameText(watch.name)}</span>
            <span class="muted"
              >${watch.changes === 0 ? 'no change yet' : plural(watch.changes, 'change')}</span
            >
            <button
              type="button"
              aria-label="Stop watching ${nameText(watch.name)}"
              data-testid="store-unwatch"
              @click=${() => onStop(watch)}
            >
              ${icon('close')}Stop
            </button>
          </li>`,
      )}
    </ul>`;
}

function renderFound({ records, value }: GetResult, self: Id | undefined): TemplateResult {
  const [first, ...others] = records;
  return html`${renderValue(value as Payload | undefined)}
  ${first === undefined ? nothing : renderOrigin(first, self)}
  ${
    others.length === 0
      ? nothing
      : fact(
          'others',
          html`<ul class="records-found" aria-label="Records of other publishers">
            ${others.slice(0, RECORDS_MAX).map((record) => html`<li>${publisherText(record, self)}: <span class="mono payload">${formatPayload(record.value, 100)}</span></li>`)}
            ${others.length > RECORDS_MAX ? html`<li class="muted">and ${others.length - RECORDS_MAX} more</li>` : nothing}
          </ul>`,
        )
  }`;
}

function renderRecord(record: RecordView, self: Id | undefined): TemplateResult {
  return html`${record.value === undefined ? nothing : renderValue(record.value)}
  ${renderOrigin(record, self)}`;
}

function renderOrigin(record: RecordView, self: Id | undefined): TemplateResult {
  return html`${fact('whose', publisherText(record, self))}
  ${fact('size, life', `${formatBytes(record.bytes)}, expires in ${expiryText(record.lifeMs)}`)}`;
}

function renderValue(value: Payload | undefined): TemplateResult {
  const file = fileOf(value);
  if (file !== undefined) return fact('file', renderFile(file));
  const text = formatPayload(value, Number.POSITIVE_INFINITY);
  const shown = formatPayload(value, SHOWN_MAX);
  return fact(
    typeText(value),
    withCopy(
      html`<div
        class="mono payload value"
        tabindex="0"
        role="group"
        aria-label="Value"
        data-testid="store-value"
        .textContent=${shown}
      ></div>`,
      text,
      'Copy value',
    ),
  );
}

function renderFile(file: StoredFile): TemplateResult {
  return html`<span class="payload" data-testid="store-value">${file.name}</span>,
    ${formatBytes(file.bytes.length)}
    <button type="button" data-testid="store-download" @click=${() => saveFile(file)}>
      ${icon('down')}Download
    </button>`;
}

function renderHolders({ acknowledgedBy, refusedBy }: PutResult, self: Id | undefined): TemplateResult {
  return html`${
    acknowledgedBy.length === 0
      ? nothing
      : fact(
          'kept by',
          html`${acknowledgedBy.slice(0, RECORDS_MAX).map((id) => html`${idText(id)}${id === self ? html` <span class="muted">this tab</span>` : nothing} `)}`,
        )
  }
  ${
    refusedBy.length === 0
      ? nothing
      : fact(
          'refused by',
          html`${refusedBy.slice(0, RECORDS_MAX).map(({ node, reason }) => html`<span title=${storeReasonText(reason)}>${idText(node)} <span class="muted">${reason.replaceAll('-', ' ')}</span></span> `)}`,
        )
  }`;
}

/** Who was asked, one step a line; the button shows the same on the ring. */
function renderSteps(
  { steps }: { readonly steps: readonly LookupStepView[] },
  key: Id,
  { store, onRing }: OutcomeOptions,
): TemplateResult | typeof nothing {
  const self = store.overlay?.id;
  if (steps.length === 0 || self === undefined) return nothing;
  const asked = steps.filter(({ id, state }) => id !== self && state !== 'introduced').length;
  const named = steps.filter(({ state }) => state === 'introduced').length;
  return html`<details data-testid="store-steps">
    <summary>Lookup: ${plural(asked, 'node')} asked${named === 0 ? '' : `, ${named} named only`}</summary>
    <button
      type="button"
      data-testid="store-on-ring"
      @click=${() => {
        store.selectPath(lookupPath(steps, self, key));
        onRing();
      }}
    >
      ${icon('ring')}Show on the ring
    </button>
    <ol class="steps" aria-label="Steps of the lookup">
      ${steps.map((step) => renderStep(step, store, self))}
    </ol>
  </details>`;
}

function renderStep({ id, state, by, round }: LookupStepView, store: SessionStore, self: Id): TemplateResult {
  const { word, note } = STEP_TEXTS[state];
  const here = id === self;
  const via = by === undefined ? 'known here' : html`named by <span class="mono">${by.slice(0, 4)}…</span>`;
  return html`<li data-testid="store-step" data-id=${id} data-state=${state}>
    <span class="mono muted" title="So many names away from this tab">${here ? 0 : round + 1}</span>
    <button type="button" class="id-button" @click=${() => store.selectNode(id)}>
      ${idText(id)}${here ? html`<span class="muted">this tab</span>` : nothing}
    </button>
    <span class="step ${state}" title=${note}>${word}</span>
    ${here ? nothing : html`<span class="muted">${via}</span>`}
  </li>`;
}

function withCopy(shown: TemplateResult, text: string, label: string): TemplateResult {
  return html`<span class="with-copy">${shown}<hop-copy label=${label} .text=${text}></hop-copy></span>`;
}

function fact(name: string, value: unknown): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

const WHAT: Readonly<Record<StoreEntry['action'], string>> = {
  put: 'put',
  get: 'get',
  forget: 'forget',
  change: 'changed',
};
