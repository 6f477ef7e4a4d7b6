/** `<hop-copy>`: copies a text and says so for a moment. */

import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { baseStyles, controlStyles } from '../styles/base.styles.ts';
import { icon } from './icons.ts';

/**
 * @summary A button that copies a text to the clipboard.
 */
@customElement('hop-copy')
export class HopCopy extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: inline-block;
      }
      button.done {
        color: var(--good);
        animation: hold 1.6s;
      }
      @keyframes hold {
        from {
          opacity: 1;
        }
        to {
          opacity: 0.999;
        }
      }
    `,
  ];

  /** What is copied. */
  @property() text = '';
  /** The button's name, such as "Copy id". */
  @property() label = 'Copy';
  /** True shows the name beside the icon. */
  @property({ type: Boolean }) wide = false;
  @state() private done = false;
  @state() private failed = false;

  override render(): TemplateResult {
    const said = this.failed ? 'Not allowed to copy' : this.done ? 'Copied' : this.label;
    return html`<button
      type="button"
      class="${this.wide ? '' : 'plain icon'} ${this.done || this.failed ? 'done' : ''}"
      title=${said}
      aria-label=${said}
      @click=${() => void this.copy()}
      @animationend=${() => this.reset()}
    >
      ${icon(this.done ? 'check' : 'copy')}${this.wide ? said : ''}
    </button>`;
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
      this.done = true;
    } catch {
      // The browser or the reader refused; the text itself can still be selected on the page.
      this.failed = true;
    }
  }

  private reset(): void {
    this.done = false;
    this.failed = false;
  }
}
