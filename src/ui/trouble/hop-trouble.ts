/** `<hop-trouble>`: in place of the panels, what keeps this tab from a network and what to do. Loaded when there is trouble. */

import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { PageSession } from '../controllers/page-session.ts';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { withGeometry } from '../settings/url-settings.ts';
import { baseStyles, controlStyles } from '../styles/base.styles.ts';
import { geometryTrouble, openingTrouble, readPowers, troubleOf, type Trouble } from './trouble.ts';

/**
 * @summary One card with the reason, the steps to take, and a way on where there is one.
 */
@customElement('hop-trouble')
export class HopTrouble extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: block;
        overflow: auto;
      }
      main {
        display: grid;
        place-items: center;
        min-height: 100%;
        padding: 16px;
        background: var(--bg);
      }
      .card {
        max-width: 560px;
        padding: 20px 24px 22px;
        border: 1px solid var(--line);
        border-radius: 8px;
        background: var(--surface);
        font-size: var(--fs-m);
      }
      .card h2 {
        margin-bottom: 8px;
        font-size: var(--fs-l);
      }
      .card p {
        overflow-wrap: anywhere;
      }
      .card ul {
        margin: 10px 0 0 18px;
        list-style: disc;
      }
      .card li {
        margin-top: 4px;
      }
      .card button,
      .card .button {
        margin-top: 16px;
      }
    `,
  ];

  @property({ attribute: false }) store!: SessionStore;
  @property({ attribute: false }) page!: PageSession;
  protected readonly session = new SessionController(this, ['status', 'snapshot']);

  override render(): TemplateResult | typeof nothing {
    const trouble = this.trouble();
    if (trouble === undefined) return nothing;
    const { code, title, text, steps, way } = trouble;
    return html`<main data-testid="trouble" data-code=${code}>
      <div class="card">
        <h2>${title}</h2>
        <p>${text}</p>
        <ul>
          ${steps.map((step) => html`<li>${step}</li>`)}
        </ul>
        ${
          code === 'failed'
            ? html`<button type="button" class="primary" @click=${() => void this.page.reopen()}>
                Try again
              </button>`
            : nothing
        }
        ${
          way === undefined
            ? nothing
            : html`<a class="button primary" data-testid="trouble-way" href=${way.href}>${way.text}</a>`
        }
      </div>
    </main>`;
  }

  private trouble(): Trouble | undefined {
    const { status, snapshot } = this.store;
    const network = snapshot?.networkGeometry;
    if (snapshot !== undefined && network !== undefined) {
      const href = withGeometry(location.hash, network);
      return geometryTrouble(snapshot.room, snapshot.geometry, { network, href });
    }
    if (status.phase !== 'failed') return undefined;
    return troubleOf(readPowers()) ?? openingTrouble(status.problem);
  }
}
