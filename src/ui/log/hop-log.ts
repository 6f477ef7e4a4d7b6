/** `<hop-log>`: the traffic log. Draws only the rows in sight; a table for screen readers, never a live region. */

import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { group } from '../format/units.ts';
import { icon } from '../parts/icons.ts';
import { ROWS_MAX_CHOICES, writeRowsMax } from '../settings/preferences.ts';
import type { LogGroups } from './log-view.ts';
import { HEADINGS, renderDetail, renderRow } from './row-drawing.ts';
import type { LogRow } from './rows.ts';
import { scrollToShow, windowOf, type ListShape } from './window.ts';
import { logStyles } from './hop-log.styles.ts';

/** Heights that the styles set too, px. */
const ROW_PX = 26;
const DETAIL_PX = 196;
/** The reader counts as being at the newest row down to here, px. */
const TOP_PX = 4;

const CHIPS: readonly { readonly group: keyof LogGroups; readonly text: string; readonly title: string }[] = [
  { group: 'app', text: 'Messages', title: 'Messages of applications' },
  { group: 'node', text: 'Links', title: 'Links, states and the signaling server' },
  { group: 'upkeep', text: 'Upkeep', title: 'Lookups, pings and signals of the node itself' },
];

/**
 * @summary Newest first. Follows the newest row while the reader is at the top, not paused, and has no row open.
 */
@customElement('hop-log')
export class HopLog extends LitElement {
  static override styles = logStyles;

  @property({ attribute: false }) store!: SessionStore;
  @state() private scrolledPx = 0;
  @state() private viewportPx = 300;
  /** Number of the row the keyboard is at, and of the open one. */
  @state() private cursor: number | undefined;
  @state() private opened: number | undefined;
  @state() private paused = false;
  @query('.scroller') private scroller!: HTMLElement | null;
  @query('[data-testid="log-filter"]') private filterField!: HTMLInputElement | null;
  protected readonly session = new SessionController(this, ['log', 'selection', 'snapshot']);
  private resizing: ResizeObserver | undefined;
  private focusCursor = false;

  /** Puts the keyboard into the filter field. */
  focusFilter(): void {
    this.filterField?.focus();
    this.filterField?.select();
  }

  /** Freezes or unfreezes the view; the network goes on. */
  togglePause(): void {
    this.paused = !this.paused;
    this.settleView();
  }

  /** Moves the cursor by rows: 1 to older, -1 to newer. */
  moveCursor(step: number): void {
    const rows = this.store.logView.rows;
    if (rows.length === 0) return;
    const at = this.indexOf(this.cursor);
    const index = at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step));
    this.cursor = rows[rows.length - 1 - index]?.seq;
    if (this.scroller !== null) {
      const view = { top: this.scroller.scrollTop, height: this.viewportPx - ROW_PX };
      this.scroller.scrollTop = scrollToShow(this.shape(), index, view);
    }
    this.focusCursor = true;
    this.requestUpdate();
  }

  /** Closes the open row; false when none was open. */
  closeRow(): boolean {
    if (this.opened === undefined) return false;
    this.opened = undefined;
    this.settleView();
    return true;
  }

  override render(): TemplateResult {
    const view = this.store.logView;
    const { log } = this.store;
    return html`<div class="head">
        <h2 id="title" tabindex="-1">Traffic</h2>
        <span class="filter">
          <input
            type="search"
            class="mono"
            data-testid="log-filter"
            aria-label="Filter the log"
            aria-describedby="filter-problem"
            placeholder="filter: kind:direct peer:3f dir:in ms:>200 failed -ping"
            spellcheck="false"
            .value=${view.filterText}
            @input=${(event: Event) => this.setFilter((event.target as HTMLInputElement).value)}
          />
          <span id="filter-problem" class="problem">
            ${view.unknownTerms.length === 0 ? nothing : `unknown: ${view.unknownTerms.join(' ')}`}
          </span>
        </span>
        <span class="chips">
          ${CHIPS.map(
            (chip) =>
              html`<button
                type="button"
                class="chip"
                data-testid="log-chip-${chip.group}"
                aria-pressed=${view.groups[chip.group]}
                title=${chip.title}
                @click=${() => this.toggleGroup(chip.group)}
              >
                ${chip.text}
              </button>`,
          )}
        </span>
        <span class="spring"></span>
        ${
          view.newCount > 0
            ? html`<button
                type="button"
                class="new"
                data-testid="log-new"
                @click=${() => this.followNewest()}
              >
                ${icon('up')}${group(view.newCount)} new
              </button>`
            : nothing
        }
        <span
          class="count"
          data-testid="log-count"
          title="Rows that match, rows kept, and rows dropped for newer ones"
        >
          ${group(view.rows.length)} of
          ${group(log.size)}${log.droppedCount > 0 ? `, ${group(log.droppedCount)} dropped` : ''}
        </span>
        ${this.renderTools()}
      </div>
      ${this.renderTable()}`;
  }

  private renderTools(): TemplateResult {
    const pauseText = this.paused ? 'Go on' : 'Pause';
    return html`<select
        class="keep"
        data-testid="log-rows-max"
        aria-label="Rows to keep"
        title="Rows to keep"
        @change=${(event: Event) => this.setRowsMax(Number((event.target as HTMLSelectElement).value))}
      >
        ${ROWS_MAX_CHOICES.map(
          (count) =>
            html`<option value=${count} ?selected=${count === this.store.log.rowsMax}>
              keep ${group(count)}
            </option>`,
        )}
      </select>
      <button
        type="button"
        class="icon"
        data-testid="log-pause"
        aria-pressed=${this.paused}
        aria-label="Pause the view"
        title="${pauseText} (space); the network goes on"
        @click=${() => this.togglePause()}
      >
        ${icon(this.paused ? 'play' : 'pause')}
      </button>
      <button
        type="button"
        class="icon"
        data-testid="log-clear"
        aria-label="Clear the log"
        title="Clear"
        @click=${() => this.clear()}
      >
        ${icon('clear')}
      </button>`;
  }

  /** Lines are used again for other rows, which is quick, until the keyboard is at one: that keeps its line. */
  private renderTable(): TemplateResult {
    const rows = this.store.logView.rows;
    const shape = this.shape();
    const part = windowOf(shape, this.scrolledPx, this.viewportPx);
    const shown: { readonly row: LogRow; readonly index: number }[] = [];
    for (let index = part.first; index < part.end; index += 1) {
      const row = rows[rows.length - 1 - index];
      if (row !== undefined) shown.push({ row, index });
    }
    return html`<div
      class="scroller"
      role="table"
      tabindex="0"
      data-testid="log-table"
      aria-labelledby="title"
      aria-rowcount=${rows.length + 1}
      @scroll=${(event: Event) => this.onScroll((event.target as HTMLElement).scrollTop)}
    >
      <div role="rowgroup" class="headings">
        <div role="row" aria-rowindex="1" class="line">
          ${HEADINGS.map(
            (heading) =>
              html`<span role="columnheader" class=${heading.className} title=${heading.title}
                >${heading.text}</span
              >`,
          )}
        </div>
      </div>
      ${
        rows.length === 0
          ? html`<p class="empty">${this.emptyText()}</p>`
          : html`<div role="rowgroup" class="space">
              <div role="presentation" class="shown">
                ${repeat(
                  shown,
                  (entry) => (this.cursor === undefined ? entry.index : entry.row.seq),
                  (entry) => this.renderEntry(entry.row, entry.index),
                )}
              </div>
            </div>`
      }
    </div>`;
  }

  private renderEntry(row: LogRow, index: number): TemplateResult {
    const open = row.seq === this.opened;
    const { selection } = this.store;
    const reachable = this.cursor === undefined ? index === 0 : row.seq === this.cursor;
    return html`${renderRow(row, {
      rowIndex: index + 2,
      open,
      reachable,
      chosen: row.message !== undefined && row.message === selection.message,
      onToggle: () => this.toggleRow(row),
    })}${open ? renderDetail(row, this.store) : nothing}`;
  }

  protected override firstUpdated(): void {
    this.resizing = new ResizeObserver(() => {
      this.viewportPx = this.scroller?.clientHeight ?? 0;
    });
    if (this.scroller !== null) this.resizing.observe(this.scroller);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizing?.disconnect();
  }

  /** Sizes go in by script: the content security policy forbids style attributes. */
  protected override updated(_changed: PropertyValues): void {
    const space = this.renderRoot.querySelector<HTMLElement>('.space');
    const shown = this.renderRoot.querySelector<HTMLElement>('.shown');
    if (space !== null && shown !== null) {
      const part = windowOf(this.shape(), this.scrolledPx, this.viewportPx);
      space.style.height = `${part.totalPx}px`;
      shown.style.transform = `translateY(${part.offsetPx}px)`;
    }
    if (this.focusCursor) {
      this.focusCursor = false;
      this.renderRoot
        .querySelector<HTMLElement>(`[data-seq="${this.cursor ?? 0}"] button`)
        ?.focus({ preventScroll: true });
    }
  }

  private shape(): ListShape {
    const { rows } = this.store.logView;
    return { count: rows.length, rowPx: ROW_PX, openIndex: this.indexOf(this.opened), openPx: DETAIL_PX };
  }

  /** Place of a row from the top (newest is 0), or -1. */
  private indexOf(seq: number | undefined): number {
    if (seq === undefined) return -1;
    const { rows } = this.store.logView;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.seq ?? Infinity) < seq) low = middle + 1;
      else high = middle;
    }
    return rows[low]?.seq === seq ? rows.length - 1 - low : -1;
  }

  private emptyText(): string {
    if (this.store.log.size > 0) return 'No row passes the filter and the chips above.';
    return 'Nothing yet. Messages, links and states appear here as they happen.';
  }

  private onScroll(scrollTop: number): void {
    this.scrolledPx = scrollTop;
    this.settleView();
  }

  /** Holds the view while the reader is busy with it, and lets it follow otherwise. */
  private settleView(): void {
    const view = this.store.logView;
    if (this.paused || this.opened !== undefined || this.scrolledPx > TOP_PX) view.hold();
    else view.release();
    this.requestUpdate();
  }

  private followNewest(): void {
    this.paused = false;
    this.opened = undefined;
    this.cursor = undefined;
    this.scrolledPx = 0;
    if (this.scroller !== null) this.scroller.scrollTop = 0;
    this.settleView();
  }

  private toggleRow(row: LogRow): void {
    this.cursor = row.seq;
    this.focusCursor = true;
    this.opened = this.opened === row.seq ? undefined : row.seq;
    if (this.opened !== undefined) {
      this.store.selectMessage(row.message);
      if (row.message === undefined && row.peer !== undefined) this.store.selectNode(row.peer);
    }
    this.settleView();
  }

  private toggleGroup(name: keyof LogGroups): void {
    const { groups } = this.store.logView;
    this.store.logView.setGroups({ ...groups, [name]: !groups[name] });
    this.requestUpdate();
  }

  private setFilter(text: string): void {
    this.store.logView.setFilter(text);
    this.requestUpdate();
  }

  private setRowsMax(rowsMax: number): void {
    this.store.log.setRowsMax(rowsMax);
    writeRowsMax(rowsMax);
    this.store.touch('log');
  }

  private clear(): void {
    this.opened = undefined;
    this.cursor = undefined;
    this.store.logView.clear();
    this.settleView();
  }
}
