/** `<hop-store>`: puts, reads, watches and forgets values, and shows the records this tab holds. Loaded when first shown. */

import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Id } from '../../session/api.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { isFullId } from '../format/ids.ts';
import '../parts/copy.ts';
import { heldRows, type HeldRows } from './held.ts';
import { renderHeld } from './held-records.ts';
import { storeStyles } from './hop-store.styles.ts';
import {
  isOwnUnderDigits,
  LIVES,
  MODES,
  readCas,
  readKey,
  readPut,
  readValue,
  type FieldResult,
  type StoreField,
  type StoreForm,
  type ValueType,
} from './store-form.ts';
import { StoreHistory, type StoreEntry } from './store-history.ts';
import { renderEntries, renderOutcome, renderWatches } from './store-results.ts';
import { readFile } from './stored-file.ts';

/** The records are read this often at most, ms: a full table takes time to read. */
const READ_MS = 1_000;
/** The browser is asked for its storage this often at most, ms. */
const QUOTA_MS = 10_000;

/** What was pressed when a field was refused: its sentence stands out until the field changes. */
interface Refusal {
  readonly field: StoreField;
  /** In place of the field's own hint. */
  readonly text: string | undefined;
}

/**
 * @summary The key-value store: a form, what came of it, watches, and held records.
 */
@customElement('hop-store')
export class HopStore extends LitElement {
  static override styles = storeStyles;

  @property({ attribute: false }) store!: SessionStore;
  /** False while another panel has the place. */
  @property({ attribute: false }) shown = false;
  @state() private form: StoreForm = {
    key: '',
    mode: 'shared',
    type: 'text',
    text: '',
    file: undefined,
    lifeMs: 7_200_000,
    cas: '',
  };
  @state() private refusal: Refusal | undefined;
  /** Number of the entry on show; otherwise the newest that was asked for. */
  @state() private chosen: number | undefined;
  @state() private quota: StorageEstimate | undefined;
  private history: StoreHistory | undefined;
  private held: HeldRows = heldRows([]);
  private readAt = -Infinity;
  private quotaAt = -Infinity;
  protected readonly session = new SessionController(this, ['snapshot', 'status']);

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.history?.end();
    this.history = undefined;
  }

  protected override willUpdate(): void {
    this.followOverlay();
    if (!this.shown) return;
    const now = performance.now();
    if (now - this.readAt >= READ_MS) {
      this.readAt = now;
      this.held = heldRows(this.store.overlay?.records() ?? []);
    }
    if (now - this.quotaAt >= QUOTA_MS) {
      this.quotaAt = now;
      void this.readQuota();
    }
  }

  override render(): TemplateResult {
    const entries = this.history?.entries ?? [];
    const entry =
      entries.find(({ number }) => number === this.chosen) ??
      entries.find(({ action }) => action !== 'change') ??
      entries[0];
    return html`<div class="head">
        <slot></slot>
        <h2
          id="title"
          class="here"
          tabindex="-1"
          title="Values under keys, kept by the nodes nearest to each key"
        >
          Store
        </h2>
      </div>
      <div class="body">
        ${this.renderForm()} ${entry === undefined ? this.renderFirst() : this.renderOutcome(entry)}
        ${renderEntries(entries, entry, (one) => this.choose(one))}
        ${renderWatches(this.history?.watches ?? [], ({ key }) => this.history?.unwatch(key))}
        ${renderHeld({
          held: this.held,
          self: this.store.overlay?.id,
          problem: this.store.snapshot?.recordsProblem,
          quota: this.quota,
          onKey: (key) => this.useKey(key),
        })}
      </div>`;
  }

  private renderOutcome(entry: StoreEntry): TemplateResult {
    const onRing = (): void => {
      this.dispatchEvent(new CustomEvent('hop-show-ring', { bubbles: true, composed: true }));
    };
    return renderOutcome(entry, { store: this.store, onRing });
  }

  private renderFirst(): TemplateResult {
    const alone = this.store.snapshot?.state === 'alone';
    return html`<p class="hint" data-testid="store-empty">
      ${
        alone
          ? 'This tab is alone, so nobody else can keep a copy. Open the page’s link in another tab first.'
          : 'Put a value under a key here, then get it in another tab.'
      }
    </p>`;
  }

  private renderForm(): TemplateResult {
    const { mode, type } = this.form;
    return html`<form
      aria-labelledby="title"
      @submit=${(event: Event) => {
        event.preventDefault();
        this.put();
      }}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.put();
      }}
    >
      ${this.renderKey()}
      ${this.renderSelect('Writers', 'store-mode', mode, MODES, (value) => this.change({ mode: value }))}
      <p class="hint under">${MODES.find(([value]) => value === mode)?.[2]}</p>
      ${this.renderSelect('Type', 'store-type', type, TYPES, (value) => this.change({ type: value }, 'value'))}
      ${type === 'file' ? this.renderFile() : this.renderText()}
      ${this.hint('value', readValue(this.form), this.form.text !== '' || this.form.file !== undefined)}
      ${mode === 'hash' ? nothing : this.renderLifeAndCas()} ${this.renderButtons()}
    </form>`;
  }

  private renderKey(): TemplateResult {
    return html`<label>
        <span>Key</span>
        <input
          type="text"
          class="mono"
          data-testid="store-key"
          aria-describedby="key-hint"
          autocomplete="off"
          spellcheck="false"
          placeholder="any text, or 64 digits"
          .value=${this.form.key}
          @input=${(event: Event) => this.change({ key: (event.target as HTMLInputElement).value }, 'key')}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
            // Reading changes nothing, so that is what Enter does here.
            event.preventDefault();
            this.get();
          }}
        />
      </label>
      ${this.hint('key', readKey(this.form), this.form.key !== '')}`;
  }

  private renderText(): TemplateResult {
    return html`<label>
      <span>Value</span>
      <textarea
        data-testid="store-text"
        aria-describedby="value-hint"
        rows="2"
        spellcheck="false"
        placeholder=${this.form.type === 'json' ? '{"name": "value"}' : 'some text'}
        .value=${this.form.text}
        @input=${(event: Event) => this.change({ text: (event.target as HTMLTextAreaElement).value }, 'value')}
      ></textarea>
    </label>`;
  }

  private renderFile(): TemplateResult {
    return html`<label>
      <span>Value</span>
      <input
        type="file"
        data-testid="store-file"
        aria-describedby="value-hint"
        @change=${(event: Event) => void this.chooseFile((event.target as HTMLInputElement).files?.[0])}
      />
    </label>`;
  }

  private renderLifeAndCas(): TemplateResult {
    const lives = LIVES.map(([ms, words]) => [String(ms), words] as const);
    const setLife = (value: string): void => this.change({ lifeMs: Number(value) });
    return html`<div class="pair">
        ${this.renderSelect('Life', 'store-life', String(this.form.lifeMs), lives, setLife)}
        <label
          title="Compare-and-set: writes only if the sequence is still this one, so that nobody’s write is lost"
        >
          <span>if seq</span>
          <input
            type="text"
            class="mono"
            inputmode="numeric"
            data-testid="store-cas"
            aria-describedby="cas-hint"
            autocomplete="off"
            placeholder="any"
            .value=${this.form.cas}
            @input=${(event: Event) => this.change({ cas: (event.target as HTMLInputElement).value }, 'cas')}
          />
        </label>
      </div>
      ${this.hint('cas', readCas(this.form.cas), true)}`;
  }

  private renderButtons(): TemplateResult {
    const off = this.history === undefined;
    return html`<div class="buttons">
      <button type="submit" class="primary" data-testid="store-put" ?disabled=${off}>Put</button>
      <button type="button" data-testid="store-get" ?disabled=${off} @click=${() => this.get()}>Get</button>
      <button type="button" data-testid="store-watch-key" ?disabled=${off} @click=${() => this.watch()}>
        Watch
      </button>
      <button
        type="button"
        data-testid="store-forget"
        title="Takes back what this tab published under the key"
        ?disabled=${off}
        @click=${() => this.forget()}
      >
        Forget
      </button>
    </div>`;
  }

  private renderSelect<T extends string>(
    label: string,
    testId: string,
    chosen: T,
    options: readonly (readonly [T, string, ...string[]])[],
    onChange: (value: T) => void,
  ): TemplateResult {
    return html`<label>
      <span>${label}</span>
      <select
        data-testid=${testId}
        @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value as T)}
      >
        ${options.map(([value, words]) => html`<option value=${value} ?selected=${value === chosen}>${words}</option>`)}
      </select>
    </label>`;
  }

  /** The sentence beside a field. What is missing is said only when something was pressed. */
  private hint(field: StoreField, { ok, hint }: FieldResult<unknown>, touched: boolean): TemplateResult {
    const refused = this.refusal?.field === field;
    const text = refused ? (this.refusal?.text ?? hint) : ok || touched ? hint : '';
    return html`<p
      id="${field}-hint"
      class="hint under ${refused ? 'bad' : ''}"
      ?hidden=${text === ''}
      role=${refused ? 'alert' : nothing}
      data-testid="store-${field}-hint"
    >
      ${text}
    </p>`;
  }

  private put(): void {
    const plan = readPut(this.form);
    if (!plan.ok) return this.refuse(plan.field, plan.field === 'key' ? this.digitsText() : undefined);
    this.begin();
    void this.history?.put(plan.key, plan.value, plan.options);
  }

  private get(): void {
    const target = this.readable();
    if (target === undefined) return;
    this.begin();
    void this.history?.get(target.key, target.name);
  }

  private watch(): void {
    const target = this.readable();
    if (target === undefined) return;
    if (this.history?.watches.some(({ key }) => key === target.key))
      return this.refuse('key', 'This key is watched already.');
    this.refusal = undefined;
    this.history?.watch(target.key, target.name);
  }

  private forget(): void {
    const key = readKey(this.form);
    const { mode } = this.form;
    if (mode === 'hash')
      return this.refuse('key', 'A value under its own hash cannot be taken back: it expires.');
    if (!key.ok || isOwnUnderDigits(this.form)) return this.refuse('key', this.digitsText());
    this.begin();
    void this.history?.forget(key.value, mode === 'own');
  }

  /** The key that a read or a watch is about; a name of an own record stands for the key that its put told. */
  private readable(): { readonly key: string; readonly name: string } | undefined {
    const key = readKey(this.form);
    if (!key.ok) {
      this.refuse('key');
      return undefined;
    }
    if (this.form.mode !== 'own' || isFullId(key.value)) return { key: key.value, name: key.value };
    const own = this.history?.keyOfOwn(key.value);
    if (own !== undefined) return { key: own, name: key.value };
    this.refuse('key', 'No own record of this name was put here yet. Paste its key of 64 digits to read it.');
    return undefined;
  }

  private digitsText(): string | undefined {
    return isOwnUnderDigits(this.form)
      ? 'An own record is put and forgotten by its name, not by its key of 64 digits.'
      : undefined;
  }

  /** Nothing is done: the sentence says why, and the field has the focus. */
  private refuse(field: StoreField, text?: string): void {
    this.refusal = { field, text };
    const testId =
      field === 'value' ? (this.form.type === 'file' ? 'store-file' : 'store-text') : `store-${field}`;
    this.renderRoot.querySelector<HTMLElement>(`[data-testid="${testId}"]`)?.focus();
  }

  private begin(): void {
    this.refusal = undefined;
    this.chosen = undefined;
    // What it changes here is to be seen with its outcome.
    this.readAt = -Infinity;
  }

  private change(change: Partial<StoreForm>, field?: StoreField): void {
    this.form = { ...this.form, ...change };
    if (field === undefined || this.refusal?.field === field) this.refusal = undefined;
  }

  private async chooseFile(file: File | undefined): Promise<void> {
    const read = file === undefined ? undefined : await readFile(file);
    this.change({ file: read }, 'value');
    if (file !== undefined && read === undefined)
      this.refuse('value', `${file.name} is larger than the 32 KiB that a record carries.`);
  }

  private useKey(key: Id): void {
    this.change({ key }, 'key');
    this.renderRoot.querySelector<HTMLElement>('[data-testid="store-key"]')?.focus();
  }

  private choose(entry: StoreEntry): void {
    this.chosen = entry.number;
  }

  /** What was asked of one overlay is nobody's when another takes its place. */
  private followOverlay(): void {
    const { overlay } = this.store;
    if (overlay === this.history?.overlay) return;
    this.history?.end();
    this.held = heldRows([]);
    this.readAt = -Infinity;
    this.chosen = undefined;
    this.history =
      overlay === undefined
        ? undefined
        : new StoreHistory(overlay, () => {
            this.readAt = -Infinity;
            this.requestUpdate();
          });
  }

  private async readQuota(): Promise<void> {
    try {
      this.quota = await navigator.storage?.estimate();
    } catch {
      // Some browsers refuse in private windows: then the line is left out.
      this.quota = undefined;
    }
  }
}

const TYPES: readonly (readonly [ValueType, string])[] = [
  ['text', 'text'],
  ['json', 'JSON'],
  ['file', 'file, up to 32 KiB'],
];
