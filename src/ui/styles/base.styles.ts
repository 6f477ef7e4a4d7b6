/** Styles every component shares: box model, controls, panel frames, ids. Colours only through the tokens. */

import { css, unsafeCSS } from 'lit';
import { ID_COLOURS } from '../format/ids.ts';

/** To be put first in a component's `styles`. */
export const baseStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    min-width: 0;
    font: var(--fs) / 1.4 var(--sans);
    color: var(--text);
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h2,
  h3,
  p,
  dl,
  dd,
  ol,
  ul {
    margin: 0;
    padding: 0;
  }
  ol,
  ul {
    list-style: none;
  }
  a {
    color: var(--accent);
  }
  .mono {
    font-family: var(--mono);
    font-size: var(--fs-s);
    font-variant-numeric: tabular-nums;
  }
  .muted {
    color: var(--muted);
  }
  .num {
    text-align: right;
    font-family: var(--mono);
    font-size: var(--fs-s);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .hidden-text {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 1px;
  }
  :focus:not(:focus-visible) {
    outline: none;
  }
`;

/** Buttons, fields and chips. */
export const controlStyles = css`
  button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 5px;
    min-height: var(--control);
    padding: 0 9px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--text);
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
  }
  button:hover,
  .button:hover {
    background: var(--hover);
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  button.plain {
    border-color: transparent;
    background: none;
  }
  button.plain:hover {
    background: var(--hover);
  }
  button.icon {
    width: var(--control);
    padding: 0;
  }
  button.primary,
  .button.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  button.primary:hover,
  .button.primary:hover {
    filter: brightness(1.08);
  }
  button.chip {
    padding: 0 8px;
    border-radius: 99px;
    border-color: var(--line);
    color: var(--muted);
  }
  button.chip[aria-pressed='true'] {
    border-color: var(--accent);
    background: var(--chosen);
    color: var(--text);
  }
  select,
  input[type='text'],
  input[type='search'],
  input[type='number'],
  textarea {
    width: 100%;
    min-height: var(--control);
    padding: 2px 7px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    background: var(--surface);
  }
  textarea {
    padding: 5px 7px;
    resize: vertical;
    font-family: var(--mono);
    font-size: var(--fs-s);
  }
  ::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  input[type='checkbox'] {
    accent-color: var(--accent);
    margin: 0;
  }
  svg.i {
    width: 14px;
    height: 14px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.6;
    stroke-linecap: round;
    stroke-linejoin: round;
    flex: none;
  }
`;

/** The frame of a panel: a head with a title and tools, and a body that scrolls. */
export const panelStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--surface);
    /* What changes inside is laid out and painted without the rest of the page. */
    contain: content;
  }
  .head {
    display: flex;
    align-items: center;
    gap: 8px;
    flex: none;
    min-height: 34px;
    padding: 3px 10px;
    border-bottom: 1px solid var(--line);
  }
  .head h2 {
    font-size: var(--fs);
    font-weight: 650;
    white-space: nowrap;
  }
  /* One of two panels that share a place: its name stands out beside the other's button. */
  .head .here {
    display: flex;
    align-items: center;
    align-self: stretch;
    margin-block: -3px;
    padding-inline: 4px;
    box-shadow: inset 0 -2px var(--accent);
  }
  .head .count {
    color: var(--muted);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .head .spring {
    flex: 1;
  }
  .body {
    flex: 1;
    min-height: 0;
    overflow: auto;
    scrollbar-width: thin;
    contain: content;
  }
  .empty {
    padding: 18px 14px;
    color: var(--muted);
    text-align: center;
  }
`;

/** Shortened ids with their coloured bars. */
export const idStyles = css`
  .id {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    font-family: var(--mono);
    font-size: var(--fs-s);
    white-space: nowrap;
  }
  .bars {
    width: 11px;
    height: 12px;
    flex: none;
    border-radius: 2px;
    background: linear-gradient(
      90deg,
      var(--a) 3px,
      transparent 3px 4px,
      var(--b) 4px 7px,
      transparent 7px 8px,
      var(--c) 8px
    );
    forced-color-adjust: none;
  }
  ${unsafeCSS(barRules())}
  button.id-button {
    min-height: 22px;
    padding: 0 5px;
    border-color: transparent;
    background: none;
    border-radius: 4px;
  }
  button.id-button:hover {
    background: var(--hover);
  }
  button.id-button[aria-pressed='true'] {
    background: var(--chosen);
    border-color: var(--accent);
  }
`;

/** A class for each colour of each bar: one element with a gradient is drawn far quicker than three shapes. */
function barRules(): string {
  const bars = ['a', 'b', 'c'];
  const colours = Array.from({ length: ID_COLOURS }, (_, colour) => colour);
  return bars
    .flatMap((bar) => colours.map((colour) => `.${bar}${colour} { --${bar}: var(--id-${colour}); }`))
    .join('\n');
}
