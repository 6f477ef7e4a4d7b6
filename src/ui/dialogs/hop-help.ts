/** `<hop-help>`: how to read the screen, every key, the filter's words and the settings in the address. */

import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { icon } from '../parts/icons.ts';
import { baseStyles, controlStyles } from '../styles/base.styles.ts';
import { dialogStyles } from './dialog.styles.ts';
import { FILTER_EXAMPLES, SETTINGS, SHORTCUTS } from './help-tables.ts';

/**
 * @summary Modal dialog with the tables of help. Call `open()`.
 */
@customElement('hop-help')
export class HopHelp extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    dialogStyles,
    css`
      dialog {
        width: 760px;
      }
      .columns {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(300px, 1fr));
        gap: 4px 28px;
      }
      h3 {
        margin: 10px 0 4px;
        font-size: var(--fs-m);
      }
      p {
        max-width: 70ch;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th,
      td {
        padding: 3px 0;
        border-top: 1px solid var(--line);
        text-align: left;
        vertical-align: top;
        font-weight: 400;
      }
      th {
        width: 108px;
        padding-right: 10px;
        white-space: nowrap;
      }
      kbd,
      code {
        padding: 0 5px;
        border: 1px solid var(--line-strong);
        border-radius: 4px;
        background: var(--raised);
        font: var(--fs-s) / 1.5 var(--mono);
      }
      code {
        border-color: var(--line);
      }
      @media (max-width: 420px) {
        .columns {
          grid-template-columns: 1fr;
        }
      }
    `,
  ];

  @query('dialog') private dialog!: HTMLDialogElement | null;

  /** Shows the dialog. */
  open(): void {
    this.dialog?.showModal();
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" data-testid="help-dialog">
      <div class="title">
        <h2 id="title">Help</h2>
        <button type="button" class="plain icon" aria-label="Close" @click=${() => this.dialog?.close()}>
          ${icon('close')}
        </button>
      </div>
      <p>
        Every tab in a room is a node. It knows some of the others (its contacts, sorted into buckets by how
        much of the id agrees), keeps data channels to a few of them (its links), and passes messages on until
        they reach the node nearest to a key. Choose a node or a message anywhere and it is marked everywhere.
      </p>
      <div class="columns">
        <section>
          <h3>Keyboard</h3>
          <table data-testid="help-keys">
            ${SHORTCUTS.map(
              (shortcut) =>
                html`<tr>
                  <th scope="row">${shortcut.keys.map((key) => html`<kbd>${key}</kbd> `)}</th>
                  <td>${shortcut.meaning}</td>
                </tr>`,
            )}
          </table>
        </section>
        <section>
          <h3>Filter of the log</h3>
          <table>
            ${FILTER_EXAMPLES.map(
              (example) =>
                html`<tr>
                  <th scope="row"><code>${example.term}</code></th>
                  <td>${example.meaning}</td>
                </tr>`,
            )}
          </table>
          <h3>Settings in the address</h3>
          <table>
            ${SETTINGS.map(
              (setting) =>
                html`<tr>
                  <th scope="row"><code>${setting.name}=</code></th>
                  <td>${setting.meaning}</td>
                </tr>`,
            )}
          </table>
        </section>
      </div>
    </dialog>`;
  }
}
