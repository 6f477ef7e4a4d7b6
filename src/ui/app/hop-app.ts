/** `<hop-app>`: the page. Lays out the panels, listens to the keys, and shows what keeps the overlay from starting. */

import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import '../buckets/hop-buckets.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { PageSession } from '../controllers/page-session.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import type { HopHelp } from '../dialogs/hop-help.ts';
import type { HopShare } from '../dialogs/hop-share.ts';
import '../header/hop-header.ts';
import '../log/hop-log.ts';
import type { HopLog } from '../log/hop-log.ts';
import '../notices/hop-notices.ts';
import { icon, type IconName } from '../parts/icons.ts';
import '../peers/hop-peers.ts';
import '../ring/hop-ring.ts';
import '../send/hop-send.ts';
import type { HopSend } from '../send/hop-send.ts';
import {
  applyTheme,
  nextTheme,
  readLogHeightPx,
  readRowsMax,
  readTheme,
  writeLogHeightPx,
  type Theme,
} from '../settings/preferences.ts';
import { createShortcutHandler, type PanelName } from './shortcuts.ts';
import { openingTrouble, readPowers, type BrowserPowers, type Trouble } from './trouble.ts';
import { appStyles } from './hop-app.styles.ts';

const PANELS: readonly { readonly name: PanelName; readonly text: string; readonly sign: IconName }[] = [
  { name: 'ring', text: 'Ring', sign: 'ring' },
  { name: 'buckets', text: 'Buckets', sign: 'buckets' },
  { name: 'peers', text: 'Peers', sign: 'peers' },
  { name: 'send', text: 'Send', sign: 'send' },
  { name: 'store', text: 'Store', sign: 'store' },
  { name: 'log', text: 'Log', sign: 'log' },
];

/** The log is never dragged below this, px. */
const LOG_HEIGHT_MIN = 90;
/** A screen reader hears of changes this often at most, ms. */
const ANNOUNCE_MS = 3_000;

/**
 * @summary The whole page.
 */
@customElement('hop-app')
export class HopApp extends LitElement {
  static override styles = appStyles;

  @property({ attribute: false }) store!: SessionStore;
  @property({ attribute: false }) page!: PageSession;
  /** The panel on show where there is room for one only. */
  @state() private panel: PanelName = 'ring';
  /** Which of the two panels that share a place is on show; the store's is loaded when first asked for. */
  @state() private side: 'send' | 'store' = 'send';
  @state() private storeState: 'asleep' | 'ready' | 'failed' = 'asleep';
  @state() private theme: Theme = readTheme();
  /** Why nothing can be opened in this browser. */
  @state() private lacking: Trouble | undefined;
  @state() private announcement = '';
  private announcedAt = 0;
  @query('hop-share') private share!: HopShare | null;
  @query('hop-help') private help!: HopHelp | null;
  @query('hop-log') private log!: HopLog | null;
  @query('hop-send') private send!: HopSend | null;
  protected readonly session = new SessionController(this, ['status', 'snapshot']);
  private readonly onKey = createShortcutHandler({
    focusFilter: () => {
      this.panel = 'log';
      void this.updateComplete.then(() => this.log?.focusFilter());
    },
    togglePause: () => this.log?.togglePause(),
    moveRow: (step) => this.log?.moveCursor(step),
    goTo: (panel) => void this.goTo(panel),
    openHelp: () => void this.openHelp(),
    changeTheme: () => this.changeTheme(),
    goBack: () => this.goBack(),
  });

  override connectedCallback(): void {
    super.connectedCallback();
    applyTheme(this.theme);
    this.store.log.setRowsMax(readRowsMax());
    this.page.onChange = () => this.requestUpdate();
    window.addEventListener('keydown', this.onKey);
    const powers = readPowers();
    if (powers.secure && powers.webrtc) this.page.start();
    else void this.explain(powers);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.onKey);
  }

  override render(): TemplateResult {
    const trouble = this.trouble();
    return html`<hop-header
        .store=${this.store}
        room=${this.page.room}
        theme=${this.theme}
        @hop-share=${() => void this.openShare()}
        @hop-theme=${() => this.changeTheme()}
        @hop-help=${() => void this.openHelp()}
      ></hop-header>
      ${trouble === undefined ? this.renderPanels() : this.renderTrouble(trouble)}
      <hop-share></hop-share>
      <hop-help></hop-help>
      <p class="hidden-text" role="status" data-testid="status-line">${this.announcement}</p>`;
  }

  /** Dialogs are loaded when they are first asked for: the page is there sooner. */
  private async openShare(): Promise<void> {
    await import('../dialogs/hop-share.ts');
    await this.share?.open();
  }

  private async openHelp(): Promise<void> {
    await import('../dialogs/hop-help.ts');
    this.help?.open();
  }

  private renderPanels(): TemplateResult {
    return html`<hop-notices
        .store=${this.store}
        .problems=${this.page.problems}
        .askedForMemory=${this.page.askedForMemory}
      ></hop-notices>
      <main
        data-panel=${this.panel}
        @hop-share=${() => void this.openShare()}
        @hop-show-ring=${() => (this.panel = 'ring')}
        @hop-send-to=${(event: CustomEvent<{ id: string }>) => {
          void this.goTo('send');
          this.send?.sendTo(event.detail.id);
        }}
      >
        <hop-peers class="peers" role="region" aria-label="Peers" .store=${this.store}></hop-peers>
        <hop-ring class="ring" role="region" aria-label="Ring" .store=${this.store}></hop-ring>
        <hop-buckets class="buckets" role="region" aria-label="Buckets" .store=${this.store}></hop-buckets>
        <hop-send
          class="send"
          role="region"
          aria-label="Send"
          ?hidden=${this.side !== 'send'}
          .store=${this.store}
          >${this.renderSideButton('store', 'Store')}</hop-send
        >
        ${this.side === 'send' && this.storeState !== 'ready' ? nothing : this.renderStore()}
        ${this.renderSplitter()}
        <hop-log class="log" role="region" aria-label="Traffic log" .store=${this.store}></hop-log>
      </main>
      <nav aria-label="Panels">
        ${PANELS.map(
          (panel) =>
            html`<button
              type="button"
              class="plain"
              data-testid="panel-${panel.name}"
              aria-pressed=${this.panel === panel.name}
              @click=${() => void this.goTo(panel.name)}
            >
              ${icon(panel.sign)}${panel.text}
            </button>`,
        )}
      </nav>`;
  }

  private renderStore(): TemplateResult {
    if (this.storeState !== 'ready')
      return html`<p class="send wait" role="status">
        ${this.storeState === 'failed' ? 'The store’s panel could not be loaded. Is the server of this page there?' : 'Loading…'}
        ${this.renderSideButton('send', 'Send')}
      </p>`;
    return html`<hop-store
      class="send"
      role="region"
      aria-label="Store"
      ?hidden=${this.side !== 'store'}
      .shown=${this.side === 'store'}
      .store=${this.store}
      >${this.renderSideButton('send', 'Send')}</hop-store
    >`;
  }

  private renderSideButton(panel: 'send' | 'store', text: string): TemplateResult {
    return html`<button
      type="button"
      class="plain side"
      data-testid="side-${panel}"
      @click=${() => void this.goTo(panel)}
    >
      ${text}
    </button>`;
  }

  private async loadStore(): Promise<void> {
    try {
      await import('../store/hop-store.ts');
      this.storeState = 'ready';
    } catch {
      this.storeState = 'failed';
    }
  }

  private renderSplitter(): TemplateResult {
    return html`<div
      class="splitter"
      role="separator"
      tabindex="0"
      aria-label="Height of the log"
      aria-orientation="horizontal"
      aria-valuenow=${Math.round(this.logHeightPx())}
      aria-valuemin=${LOG_HEIGHT_MIN}
      aria-valuemax=${this.logHeightMax()}
      title="Drag, or press the up and down arrows"
      @pointerdown=${(event: PointerEvent) => (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)}
      @pointermove=${(event: PointerEvent) => {
        if (event.buttons === 1) this.setLogHeight(window.innerHeight - event.clientY);
      }}
      @keydown=${(event: KeyboardEvent) => {
        const step = { ArrowUp: 24, ArrowDown: -24 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        this.setLogHeight(this.logHeightPx() + step);
      }}
    ></div>`;
  }

  private renderTrouble(trouble: Trouble): TemplateResult {
    return html`<main class="trouble" data-testid="trouble" data-code=${trouble.code}>
      <div class="card">
        <h2>${trouble.title}</h2>
        <p>${trouble.text}</p>
        <ul>
          ${trouble.steps.map((step) => html`<li>${step}</li>`)}
        </ul>
        ${
          trouble.code === 'failed'
            ? html`<button type="button" class="primary" @click=${() => void this.page.reopen()}>
                Try again
              </button>`
            : nothing
        }
      </div>
    </main>`;
  }

  protected override willUpdate(): void {
    const now = Date.now();
    const { sentence } = this.store.announcer;
    if (sentence !== this.announcement && now - this.announcedAt >= ANNOUNCE_MS) {
      this.announcement = sentence;
      this.announcedAt = now;
    }
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    const heightPx = readLogHeightPx();
    if (heightPx !== undefined) this.setLogHeight(heightPx);
  }

  /** Says what the browser lacks; nothing is opened. */
  private async explain(powers: BrowserPowers): Promise<void> {
    const { troubleOf } = await import('./powerless.ts');
    this.lacking = troubleOf(powers);
    this.store.setStatus({ phase: 'failed', problem: this.lacking?.text ?? '' });
  }

  private trouble(): Trouble | undefined {
    const { status } = this.store;
    return this.lacking ?? (status.phase === 'failed' ? openingTrouble(status.problem) : undefined);
  }

  private async goTo(panel: PanelName): Promise<void> {
    this.panel = panel;
    if (panel === 'send' || panel === 'store') this.side = panel;
    if (panel === 'store' && this.storeState !== 'ready') await this.loadStore();
    // The heading, not the element itself: one out of the Tab key's reach would take all it holds with it.
    await this.updateComplete;
    const shown = this.renderRoot.querySelector<LitElement>(`hop-${panel}`);
    await shown?.updateComplete;
    shown?.shadowRoot?.querySelector<HTMLElement>('#title')?.focus();
    // The form is what it is opened for; old results stand below it.
    if (panel === 'send') shown?.shadowRoot?.querySelector('.body')?.scrollTo({ top: 0 });
  }

  private goBack(): void {
    if (this.log?.closeRow() === true) return;
    this.store.selectMessage(undefined);
    this.store.selectNode(undefined);
  }

  private changeTheme(): void {
    this.theme = nextTheme(this.theme);
    applyTheme(this.theme);
  }

  private logHeightPx(): number {
    return this.log?.offsetHeight ?? 0;
  }

  private logHeightMax(): number {
    return Math.max(LOG_HEIGHT_MIN, Math.round(window.innerHeight * 0.75));
  }

  private setLogHeight(heightPx: number): void {
    const allowed = Math.max(LOG_HEIGHT_MIN, Math.min(this.logHeightMax(), heightPx));
    this.style.setProperty('--log-height', `${Math.round(allowed)}px`);
    writeLogHeightPx(allowed);
    this.requestUpdate();
  }
}
