/** `<hop-send>`: a form for every kind of message, what became of it, and what came in. */

import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Id } from '../../session/api.ts';
import { GROUP_SIZE, GROUP_SIZE_MAX } from '../../session/options.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SendEntry } from '../controllers/send-history.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { shortId } from '../format/ids.ts';
import { isLinked } from '../model/peers.ts';
import { icon } from '../parts/icons.ts';
import {
  actionText,
  canRequest,
  readGroupSize,
  readTarget,
  type BroadcastScope,
  type SendAction,
  type SizeResult,
  type TargetResult,
} from './send-form.ts';
import { renderHistory, renderReceived, renderResult } from './results.ts';
import { sendStyles } from './hop-send.styles.ts';

const ACTIONS: readonly SendAction[] = ['closest', 'direct', 'group', 'neighbour', 'broadcast', 'lookup'];

/** The scopes of a broadcast, in words. */
const SCOPES: readonly (readonly [BroadcastScope, string])[] = [
  ['neighbours', 'linked peers'],
  ['network', 'the whole network'],
];

/**
 * @summary Sends messages and shows receipts, replies and failures in words.
 */
@customElement('hop-send')
export class HopSend extends LitElement {
  static override styles = sendStyles;

  @property({ attribute: false }) store!: SessionStore;
  @state() private action: SendAction = 'closest';
  @state() private target = '';
  @state() private payload = 'hello';
  @state() private groupSize = String(GROUP_SIZE);
  @state() private scope: BroadcastScope = 'neighbours';
  @state() private asRequest = false;
  @state() private timeout = '';
  /** Number of the entry whose result is on show; the newest unless an older one was chosen. */
  @state() private shown: number | undefined;
  /** True after a press of Send with an unusable field: its hint then stands out. */
  @state() private refused = false;
  protected readonly session = new SessionController(this, ['snapshot', 'sends', 'selection', 'status']);

  /** Fills in a node as the target: as a neighbour when it is linked, otherwise directly. */
  sendTo(id: Id): void {
    const node = this.store.nodes.find((entry) => entry.id === id);
    this.action =
      node !== undefined && isLinked(node) && this.action === 'neighbour' ? 'neighbour' : 'direct';
    this.target = id;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[data-testid="send-payload"]')?.focus(),
    );
  }

  override render(): TemplateResult {
    const entries = this.store.sends.entries;
    const entry = entries.find((candidate) => candidate.number === this.shown) ?? entries[0];
    return html`<div class="head">
        <h2 id="title" class="here" tabindex="-1">Send</h2>
        <slot></slot>
      </div>
      <div class="body">
        ${this.renderForm()}
        <div data-testid="send-result-area">
          ${entry === undefined ? nothing : renderResult(entry, this.store)}
        </div>
        ${renderHistory(entries, entry, (chosen) => this.show(chosen))} ${renderReceived(this.store)}
      </div>`;
  }

  private renderForm(): TemplateResult {
    const linked = this.store.nodes.filter(isLinked).map((node) => node.id);
    const target = this.readTarget();
    const running = this.store.overlay !== undefined;
    return html`<form
      aria-labelledby="title"
      @submit=${(event: Event) => {
        event.preventDefault();
        void this.submit();
      }}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void this.submit();
      }}
    >
      <label>
        <span>Kind</span>
        <select
          data-testid="send-kind"
          @change=${(event: Event) => this.setAction((event.target as HTMLSelectElement).value as SendAction)}
        >
          ${ACTIONS.map((action) => html`<option value=${action} ?selected=${action === this.action}>${action}</option>`)}
        </select>
      </label>
      <p class="hint under">${actionText(this.action, this.scope, this.store.snapshot?.geometry)}</p>
      ${this.action === 'broadcast' ? this.renderScope() : this.renderTarget(linked, target)}
      ${this.action === 'group' ? this.renderGroupSize(this.readGroupSize()) : nothing}
      ${this.action === 'lookup' ? nothing : this.renderPayload()}
      <div class="submit">
        ${
          canRequest(this.action)
            ? html`<label
                class="check"
                title="The receiver’s handler answers; this page answers with an echo"
              >
                <input
                  type="checkbox"
                  role="switch"
                  data-testid="send-request"
                  .checked=${this.asRequest}
                  @change=${(event: Event) => (this.asRequest = (event.target as HTMLInputElement).checked)}
                />
                as request
              </label>`
            : nothing
        }
        <label class="check timeout" title="When to give up; empty leaves it to the overlay">
          <input
            type="number"
            data-testid="send-timeout"
            aria-label="Time-out in milliseconds"
            min="1"
            max="60000"
            placeholder="10000"
            .value=${this.timeout}
            @input=${(event: Event) => (this.timeout = (event.target as HTMLInputElement).value)}
          />
          ms
        </label>
        <button type="submit" class="primary" data-testid="send-submit" ?disabled=${!running}>
          ${icon('send')}${this.action === 'lookup' ? 'Look up' : 'Send'}
        </button>
      </div>
    </form>`;
  }

  private renderTarget(linked: readonly Id[], target: TargetResult): TemplateResult {
    const label = this.action === 'direct' ? 'Node' : this.action === 'neighbour' ? 'Peer' : 'Key';
    return html`<label>
        <span>${label}</span>
        ${
          this.action === 'neighbour'
            ? html`<select
                data-testid="send-target"
                aria-describedby="target-hint"
                @change=${(event: Event) => this.setTarget((event.target as HTMLSelectElement).value)}
              >
                <option value="" ?selected=${!linked.includes(this.target)}>
                  ${linked.length === 0 ? 'no linked peer yet' : 'choose a peer'}
                </option>
                ${linked.map((id) => html`<option value=${id} title=${id} ?selected=${id === this.target}>${shortId(id)}</option>`)}
              </select>`
            : html`<input
                type="text"
                class="mono"
                data-testid="send-target"
                aria-describedby="target-hint"
                list=${this.action === 'direct' ? 'known-ids' : nothing}
                autocomplete="off"
                spellcheck="false"
                placeholder=${this.action === 'direct' ? 'id, or its beginning' : 'any text, or an id'}
                .value=${this.target}
                @input=${(event: Event) => this.setTarget((event.target as HTMLInputElement).value)}
              />`
        }
      </label>
      <datalist id="known-ids">
        ${this.store.nodes.map((node) => html`<option value=${node.id}>${shortId(node.id)}</option>`)}
      </datalist>
      <p id="target-hint" class="hint under ${!target.ok && this.refused ? 'bad' : ''}">${target.hint}</p>`;
  }

  private renderScope(): TemplateResult {
    return html`<label>
      <span>To</span>
      <select
        data-testid="send-scope"
        @change=${(event: Event) => (this.scope = (event.target as HTMLSelectElement).value as BroadcastScope)}
      >
        ${SCOPES.map(([scope, words]) => html`<option value=${scope} ?selected=${scope === this.scope}>${words}</option>`)}
      </select>
    </label>`;
  }

  /** A field for text: the browser would refuse a number out of range with words of its own. */
  private renderGroupSize(size: SizeResult): TemplateResult {
    return html`<label class="size">
        <span>Size</span>
        <input
          type="text"
          class="mono"
          inputmode="numeric"
          data-testid="send-size"
          aria-describedby="size-hint"
          autocomplete="off"
          .value=${this.groupSize}
          @input=${(event: Event) => {
            this.groupSize = (event.target as HTMLInputElement).value;
            this.refused = false;
          }}
        />
        <span>members, 1 to ${GROUP_SIZE_MAX}</span>
      </label>
      <p id="size-hint" class="hint under ${!size.ok && this.refused ? 'bad' : ''}">${size.hint}</p>`;
  }

  private renderPayload(): TemplateResult {
    return html`<label>
      <span>Payload</span>
      <textarea
        data-testid="send-payload"
        rows="2"
        spellcheck="false"
        .value=${this.payload}
        @input=${(event: Event) => (this.payload = (event.target as HTMLTextAreaElement).value)}
      ></textarea>
    </label>`;
  }

  private readTarget(): TargetResult {
    const linked =
      this.action === 'neighbour' ? this.store.nodes.filter(isLinked).map((node) => node.id) : [];
    const text = this.action === 'neighbour' && !linked.includes(this.target) ? '' : this.target;
    return readTarget(this.action, text, [...this.store.nodes.map((node) => node.id), ...this.selfId()]);
  }

  private readGroupSize(): SizeResult {
    return readGroupSize(this.groupSize, this.store.snapshot?.bucketSize ?? GROUP_SIZE);
  }

  private selfId(): readonly Id[] {
    const id = this.store.overlay?.id;
    return id === undefined ? [] : [id];
  }

  private setAction(action: SendAction): void {
    this.action = action;
    this.refused = false;
    // A node chosen on the ring is most likely the one that is meant.
    const node = this.store.selection.node;
    if (this.target === '' && node !== undefined && action !== 'broadcast') this.target = node;
  }

  private setTarget(target: string): void {
    this.store.readNow();
    this.target = target;
    this.refused = false;
  }

  private async submit(): Promise<void> {
    const overlay = this.store.overlay;
    if (overlay === undefined) return;
    this.store.readNow();
    const target = this.readTarget();
    if (!target.ok) return this.refuse('send-target');
    const size = this.readGroupSize();
    if (this.action === 'group' && !size.ok) return this.refuse('send-size');
    this.shown = undefined;
    const timeoutMs = Number(this.timeout);
    const form = {
      action: this.action,
      target: target.target,
      payload: this.payload,
      groupSize: size.ok ? size.size : GROUP_SIZE,
      scope: this.scope,
      asRequest: this.asRequest,
      timeoutMs: this.timeout !== '' && timeoutMs >= 1 && timeoutMs <= 60_000 ? timeoutMs : undefined,
    };
    const entry = await this.store.sends.send(overlay, form, () => this.store.touch('sends'));
    // A result that belongs to an overlay closed meanwhile is nobody's any more.
    if (this.store.overlay === overlay && this.store.sends.entries[0]?.number === entry.number)
      this.store.selectSend(entry);
  }

  /** Nothing is sent: the hint says why, and the field has the focus. */
  private refuse(field: 'send-target' | 'send-size'): void {
    this.refused = true;
    this.renderRoot.querySelector<HTMLElement>(`[data-testid="${field}"]`)?.focus();
  }

  private show(entry: SendEntry): void {
    this.shown = entry.number;
    this.store.selectSend(entry);
    this.requestUpdate();
  }
}
