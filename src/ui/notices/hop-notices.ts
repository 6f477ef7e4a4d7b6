/** `<hop-notices>`: the sentences above the panels. */

import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { SessionController } from '../controllers/session-controller.ts';
import type { SessionStore } from '../controllers/session-store.ts';
import { icon } from '../parts/icons.ts';
import type { SettingProblem } from '../settings/url-settings.ts';
import { baseStyles, controlStyles } from '../styles/base.styles.ts';
import { noticesOf } from './notices.ts';

/**
 * @summary States and settings that need a sentence. Dismissed ones stay away until the page is loaded again.
 */
@customElement('hop-notices')
export class HopNotices extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      li {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 30px;
        padding: 3px 6px 3px 12px;
        border-top: 1px solid var(--line);
        background: var(--raised);
      }
      li.wait {
        background: var(--wait-soft);
      }
      li.bad {
        background: var(--bad-soft);
      }
      .mark {
        width: 8px;
        height: 8px;
        border-radius: 50%;
        flex: none;
        background: var(--accent);
      }
      .wait .mark {
        background: var(--wait);
      }
      .bad .mark {
        background: var(--bad);
      }
      p {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) store!: SessionStore;
  @property({ attribute: false }) problems: readonly SettingProblem[] = [];
  /** True when the address itself asked for an id that is not kept. */
  @property({ type: Boolean }) askedForMemory = false;
  @state() private dismissed: ReadonlySet<string> = new Set();
  protected readonly session = new SessionController(this, ['snapshot', 'status']);

  override render(): TemplateResult | typeof nothing {
    const notices = noticesOf(this.store.snapshot, this).filter((notice) => !this.dismissed.has(notice.code));
    if (notices.length === 0) return nothing;
    return html`<section aria-label="Notices">
      <ul>
        ${repeat(
          notices,
          (notice) => notice.code,
          (notice) =>
            html`<li class=${notice.tone} data-testid="notice" data-code=${notice.code}>
              <span class="mark" aria-hidden="true"></span>
              <p>${notice.text}</p>
              ${
                notice.dismissible
                  ? html`<button
                      type="button"
                      class="plain icon"
                      aria-label="Dismiss this notice"
                      title="Dismiss"
                      @click=${() => this.dismiss(notice.code)}
                    >
                      ${icon('close')}
                    </button>`
                  : nothing
              }
            </li>`,
        )}
      </ul>
    </section>`;
  }

  private dismiss(code: string): void {
    this.dismissed = new Set([...this.dismissed, code]);
  }
}
