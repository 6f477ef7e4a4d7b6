/** `<hop-share>`: the link to the room, to copy and as a QR code. The code's generator loads when it is asked for. */

import { LitElement, css, html, nothing, svg, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import '../parts/copy.ts';
import { icon } from '../parts/icons.ts';
import { baseStyles, controlStyles } from '../styles/base.styles.ts';
import { dialogStyles } from './dialog.styles.ts';

interface QrDrawing {
  readonly size: number;
  /** One unit square for each dark module. */
  readonly path: string;
}

/**
 * @summary Modal dialog with link and QR code. Call `open()`.
 */
@customElement('hop-share')
export class HopShare extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    dialogStyles,
    css`
      dialog {
        width: 340px;
      }
      .qr {
        display: block;
        width: 100%;
        max-width: 292px;
        margin: 4px auto 10px;
        border-radius: var(--radius);
      }
      .qr .paper {
        fill: #fff;
      }
      .qr .ink {
        fill: #000;
      }
      .link {
        margin-bottom: 10px;
        overflow-wrap: anywhere;
      }
      .row {
        display: flex;
        gap: 6px;
      }
    `,
  ];

  @state() private drawing: QrDrawing | undefined;
  @state() private link = '';
  @query('dialog') private dialog!: HTMLDialogElement | null;

  /** Shows the dialog for the page's present address. */
  async open(): Promise<void> {
    this.link = location.href;
    this.drawing = undefined;
    this.dialog?.showModal();
    const { encode } = await import('uqr');
    const { size, data } = encode(this.link, { border: 3 });
    const path = data
      .flatMap((line, y) => line.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
      .join('');
    this.drawing = { size, path };
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" data-testid="qr-dialog">
      <div class="title">
        <h2 id="title">Join this room</h2>
        <button type="button" class="plain icon" aria-label="Close" @click=${() => this.dialog?.close()}>
          ${icon('close')}
        </button>
      </div>
      <p class="muted">Open the link on another device or in another tab. ${localNote()}</p>
      ${this.drawing === undefined ? nothing : renderQr(this.drawing)}
      <p class="mono link">${this.link}</p>
      <div class="row">
        <hop-copy wide label="Copy link" .text=${this.link}></hop-copy>
        ${
          'share' in navigator
            ? html`<button type="button" @click=${() => void this.share()}>${icon('open')}Share…</button>`
            : nothing
        }
      </div>
    </dialog>`;
  }

  private async share(): Promise<void> {
    try {
      await navigator.share({ title: 'Hopline', url: this.link });
    } catch {
      // The reader closed the sheet: nothing to say.
    }
  }
}

function renderQr(drawing: QrDrawing): TemplateResult {
  return html`<svg
    class="qr"
    data-testid="qr-code"
    role="img"
    aria-label="QR code of the link to this room"
    viewBox="0 0 ${drawing.size} ${drawing.size}"
    shape-rendering="crispEdges"
  >
    ${svg`<rect class="paper" width=${drawing.size} height=${drawing.size}></rect><path class="ink" d=${drawing.path}></path>`}
  </svg>`;
}

/** A phone cannot open `localhost` of this machine, nor run the page over plain http: say so before it is tried. */
function localNote(): string {
  const local =
    location.hostname === 'localhost' || location.hostname === '127.0.0.1' || location.hostname === '[::1]';
  return local
    ? 'This address works on this machine only; other devices need the machine’s own address. ' +
        'Over plain http, browsers switch cryptography off for other devices: for them, start the server with --tls-cert and --tls-key.'
    : '';
}
