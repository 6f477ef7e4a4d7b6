/** `<hop-header>`: how the connection stands, always visible, and the page's own buttons. */

import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { OverlayState, SignalingState, Snapshot } from '../../session/api.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { GEOMETRY_NAMES } from '../format/geometry.ts';
import { formatBytes, formatRate, group } from '../format/units.ts';
import { countLinks } from '../model/peers.ts';
import { icon } from '../parts/icons.ts';
import { idText } from '../parts/id-text.ts';
import type { Theme } from '../settings/preferences.ts';
import '../parts/copy.ts';
import { headerStyles } from './hop-header.styles.ts';

/**
 * @summary Room and share buttons, own id, signaling, state, links, peers, message rate, theme and help.
 * @event hop-share - The QR button was pressed.
 * @event hop-theme - The theme button was pressed.
 * @event hop-help - The help button was pressed.
 */
@customElement('hop-header')
export class HopHeader extends LitElement {
  static override styles = headerStyles;

  @property({ attribute: false }) store!: SessionStore;
  @property() room = '';
  @property() theme: Theme = 'system';
  protected readonly session = new SessionController(this, ['snapshot', 'status']);

  override render(): TemplateResult {
    return html`<header>
      <h1>
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
          <circle cx="16" cy="16" r="11" />
          <path d="M7 21C10 10 17 9 25 11.5" />
          <circle class="dot" cx="7" cy="21" r="3.6" />
          <circle class="dot end" cx="25" cy="11.5" r="3.6" />
        </svg>
        Hopline
      </h1>
      ${this.room === '' ? nothing : this.renderRoom()} ${this.renderState(this.store.snapshot)}
      <div class="tools">
        <button
          type="button"
          class="plain icon"
          data-testid="theme-toggle"
          data-theme=${this.theme}
          aria-label="Theme: ${this.theme}. Change it"
          title="Theme: ${this.theme} (t)"
          @click=${() => this.emit('hop-theme')}
        >
          ${icon(this.theme)}
        </button>
        <button
          type="button"
          class="plain icon"
          data-testid="help-open"
          aria-label="Help and keyboard"
          title="Help and keyboard (?)"
          @click=${() => this.emit('hop-help')}
        >
          ${icon('help')}
        </button>
      </div>
    </header>`;
  }

  private renderRoom(): TemplateResult {
    return html`<div class="room">
      <span class="name mono" data-testid="room" title="Room: ${this.room}">${this.room}</span>
      <hop-copy data-testid="copy-link" label="Copy the link to this room" .text=${location.href}></hop-copy>
      <button
        type="button"
        class="plain icon"
        data-testid="qr-open"
        aria-label="Show the link as QR code"
        title="Show the link as QR code"
        @click=${() => this.emit('hop-share')}
      >
        ${icon('qr')}
      </button>
    </div>`;
  }

  private renderState(snapshot: Snapshot | undefined): TemplateResult {
    if (snapshot === undefined) {
      const opening = this.store.status.phase === 'opening';
      return html`<div class="facts">
        <span class="muted">${opening ? 'Opening…' : 'Not running'}</span>
      </div>`;
    }
    const { rates, nodes } = this.store;
    const peers = nodes.length;
    const links = countLinks(snapshot);
    const signaling = SIGNALING_TEXT[snapshot.signaling];
    const state = STATE_TEXT[snapshot.state];
    const onRing = snapshot.geometry === 'chord';
    return html`<div class="facts">
      <span class="fact self">
        <span class="label">id</span>
        <span data-testid="self-id" data-id=${snapshot.id}>${idText(snapshot.id, '(this tab)')}</span>
        <hop-copy label="Copy this tab’s id" .text=${snapshot.id}></hop-copy>
      </span>
      <span
        class="fact"
        data-testid="geometry"
        data-geometry=${snapshot.geometry}
        title="How this network decides who is near: ${onRing ? 'on a ring, a key belongs to the first node at or after it' : 'by XOR distance'}"
      >
        <span class="label">on</span> ${GEOMETRY_NAMES[snapshot.geometry]}
      </span>
      <span
        class="fact"
        data-testid="signaling-state"
        data-state=${snapshot.signaling}
        title="Signaling server ${snapshot.signalingUrl}: ${signaling.note}"
      >
        <i class="lamp ${signaling.tone}" aria-hidden="true"></i>
        <span class="label">signaling</span> ${snapshot.signaling}
      </span>
      <span
        class="fact"
        data-testid="node-state"
        data-state=${snapshot.state}
        data-complete=${snapshot.complete}
        title="${state.note}${snapshot.complete ? `. As far as this tab can tell, its ${onRing ? 'lists and fingers' : 'buckets'} hold every node they should` : ''}"
      >
        <i class="lamp ${state.tone}" aria-hidden="true"></i>
        ${snapshot.state}${snapshot.complete ? ', complete' : ''}
      </span>
      <span class="fact" title="Live data channels to other tabs">
        <b data-testid="links-count">${links}</b> ${links === 1 ? 'link' : 'links'}
      </span>
      <span
        class="fact"
        title="Nodes this tab knows of, linked or not, with a place in its table or without. The network seems to have ${group(Math.round(snapshot.networkSizeEstimate))} nodes"
      >
        <b data-testid="peers-count">${peers}</b> ${peers === 1 ? 'peer' : 'peers'}
      </span>
      <span
        class="fact rate"
        title="Messages of applications sent, received or passed on. All frames: ${formatRate(rates.frames)}/s, ${formatBytes(
          rates.bytes,
        )}/s. Since the start: ${group(snapshot.counters.framesIn + snapshot.counters.framesOut)} frames"
      >
        <b data-testid="message-rate">${formatRate(rates.messages)}</b> msg/s
      </span>
    </div>`;
  }

  private emit(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}

type Tone = 'good' | 'wait' | 'bad' | 'calm';

const SIGNALING_TEXT: Readonly<Record<SignalingState, { readonly tone: Tone; readonly note: string }>> = {
  online: { tone: 'good', note: 'connected; newcomers can find this tab' },
  connecting: { tone: 'wait', note: 'connecting' },
  offline: { tone: 'wait', note: 'not reachable; overlay running, no new peers' },
  refused: { tone: 'bad', note: 'refused this tab' },
};

const STATE_TEXT: Readonly<Record<OverlayState, { readonly tone: Tone; readonly note: string }>> = {
  idle: { tone: 'calm', note: 'Not started' },
  joining: { tone: 'wait', note: 'Looking for a first link, then for its place' },
  alone: { tone: 'calm', note: 'Nobody else is in this room yet' },
  ready: { tone: 'good', note: 'Linked, and its place in the key space is known' },
  'cut-off': { tone: 'bad', note: 'All links are lost; looking for a way back' },
  left: { tone: 'calm', note: 'Left the network' },
};
