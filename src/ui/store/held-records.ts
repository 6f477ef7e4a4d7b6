/** The records this tab holds, as a table under what they come to. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Id } from '../../session/api.ts';
import type { HeldRecordView } from '../../session/store-api.ts';
import { formatAge, formatBytes, group, plural } from '../format/units.ts';
import { idText } from '../parts/id-text.ts';
import type { HeldRows } from './held.ts';
import { expiryText, publisherText, ROLE_TEXTS } from './store-texts.ts';

export interface HeldOptions {
  readonly held: HeldRows;
  readonly self: Id | undefined;
  /** Why records do not last until the next visit. */
  readonly problem: string | undefined;
  readonly quota: StorageEstimate | undefined;
  /** Takes a key over into the form. */
  readonly onKey: (key: Id) => void;
}

/** Totals, notice, rows and what the roles mean. */
export function renderHeld(options: HeldOptions): TemplateResult {
  const { held, problem, quota } = options;
  return html`<div class="section">
      <h3>Held by this tab</h3>
      <span class="muted" data-testid="store-totals" data-records=${held.records}
        >${plural(held.records, 'record')}${held.records === 0 ? '' : `, ${formatBytes(held.bytes)}`}</span
      >
    </div>
    ${problem === undefined ? nothing : html`<p class="notice" data-testid="store-problem">${problem}</p>`}
    ${held.records === 0 ? renderEmpty() : renderTable(options)}
    ${
      quota?.usage === undefined || quota.quota === undefined
        ? nothing
        : html`<p class="hint" data-testid="store-quota">
            ${formatBytes(quota.usage)} of ${formatBytes(quota.quota)} of the browser’s storage used by this
            page.
          </p>`
    }`;
}

function renderEmpty(): TemplateResult {
  return html`<p class="hint">
    None yet. Put a value above; records of other tabs come here when this tab is near to their keys.
  </p>`;
}

function renderTable({ held, self, onKey }: HeldOptions): TemplateResult {
  return html`<table class="held" data-testid="store-records" aria-label="Records held by this tab">
      <thead>
        <tr>
          <th scope="col">Key, whose</th>
          <th scope="col" class="num" title="How often it was written, and its size">Seq, size</th>
          <th scope="col" class="num" title="Since it was published, and until it expires unless renewed">
            Age, life
          </th>
          <th scope="col" class="role" title="Why this tab holds it">Role</th>
        </tr>
      </thead>
      <tbody>
        ${held.rows.map((row) => renderRow(row, self, onKey))}
      </tbody>
    </table>
    ${held.more === 0 ? nothing : html`<p class="hint">and ${group(held.more)} more</p>`}
    <p class="hint roles">
      own: published here. replica: this tab is one of the nearest to the key. cache: left by a lookup.
    </p>`;
}

function renderRow(row: HeldRecordView, self: Id | undefined, onKey: (key: Id) => void): TemplateResult {
  const { key, sequence, bytes, ageMs, lifeMs, role, kind } = row;
  const forgotten = kind !== 'immutable' && row.value === undefined;
  return html`<tr data-testid="store-record" data-key=${key} data-role=${role} data-sequence=${sequence}>
    <td>
      <span class="keys">
        <button
          type="button"
          class="id-button"
          aria-label="Use key ${key.slice(0, 4)}…${key.slice(-4)} in the form"
          @click=${() => onKey(key)}
        >
          ${idText(key)}
        </button>
        <hop-copy label="Copy key" .text=${key}></hop-copy>
      </span>
      <span class="by">${publisherText(row, self)}${forgotten ? ', forgotten' : ''}</span>
    </td>
    <td class="num">
      ${sequence === 0 ? '–' : group(sequence)}<span class="sub">${formatBytes(bytes)}</span>
    </td>
    <td class="num">${formatAge(ageMs)}<span class="sub">${expiryText(lifeMs)}</span></td>
    <td title=${ROLE_TEXTS[role]}>${role}</td>
  </tr>`;
}
