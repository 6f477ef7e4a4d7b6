/** Styles of `<hop-log>`. Row and detail heights must equal those in `hop-log.ts`. */

import { css } from 'lit';
import { pathListStyles } from '../parts/path-list.ts';
import { baseStyles, controlStyles, idStyles, panelStyles } from '../styles/base.styles.ts';

export const logStyles = [
  baseStyles,
  controlStyles,
  panelStyles,
  idStyles,
  pathListStyles,
  css`
    :host {
      container-type: inline-size;
    }
    .filter {
      position: relative;
      flex: 0 1 430px;
      min-width: 120px;
    }
    .problem {
      position: absolute;
      right: 26px;
      top: 5px;
      padding: 0 3px;
      background: var(--surface);
      color: var(--wait);
      font-size: var(--fs-s);
      pointer-events: none;
    }
    .problem:empty {
      display: none;
    }
    .chips {
      display: inline-flex;
      gap: 4px;
    }
    .head select.keep {
      width: auto;
    }
    button[data-testid='log-pause'][aria-pressed='true'] {
      border-color: var(--wait);
      background: var(--wait-soft);
      color: var(--wait);
    }
    button.new {
      border-color: var(--accent);
      color: var(--accent);
      font-weight: 600;
    }
    .scroller {
      position: relative;
      flex: 1;
      min-height: 0;
      overflow: auto;
      overflow-anchor: none;
      scrollbar-width: thin;
    }
    .scroller:focus-visible {
      outline-offset: -2px;
    }
    .headings {
      position: sticky;
      top: 0;
      z-index: 1;
      background: var(--surface);
      box-shadow: 0 1px 0 var(--line);
      color: var(--muted);
      font-size: var(--fs-s);
      font-weight: 600;
    }
    .headings .num {
      font-family: var(--sans);
    }
    .space {
      position: relative;
      contain: strict;
    }
    .line {
      display: grid;
      grid-template-columns: 122px 86px 90px 66px 108px 230px 52px 68px 60px minmax(120px, 1fr);
      align-items: center;
      height: 26px;
      padding: 0 10px 0 4px;
    }
    .line > * {
      min-width: 0;
      padding: 0 6px;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .headings .time {
      padding-left: 24px;
    }
    .row {
      contain: strict;
      cursor: pointer;
      border-bottom: 1px solid color-mix(in srgb, var(--line) 45%, transparent);
    }
    .row:hover {
      background: var(--hover);
    }
    .row.chosen {
      background: var(--chosen);
    }
    .row.failed {
      background: var(--bad-soft);
    }
    .row.failed.chosen {
      background: color-mix(in srgb, var(--bad-soft), var(--chosen));
    }
    .row.open {
      box-shadow: inset 3px 0 0 var(--accent);
    }
    .row .time {
      padding: 0;
    }
    .opener {
      gap: 4px;
      min-height: 24px;
      padding: 0 4px;
      border: none;
      background: none;
      font: var(--fs-s) / 1 var(--mono);
      font-variant-numeric: tabular-nums;
    }
    .opener:focus-visible {
      outline-offset: -2px;
    }
    .opener svg.i {
      width: 12px;
      height: 12px;
      color: var(--muted);
    }
    .fraction,
    .faint {
      color: var(--muted);
    }
    .dir {
      display: inline-flex;
      align-items: center;
      gap: 5px;
    }
    .out .dir {
      color: var(--out);
    }
    .in .dir {
      color: var(--in);
    }
    .through .dir {
      color: var(--through);
    }
    .node .dir {
      color: var(--muted);
    }
    .peer,
    .ends {
      display: flex;
      align-items: center;
      gap: 5px;
    }
    .took {
      display: none;
      font-family: var(--mono);
      font-size: var(--fs-s);
    }
    .pending .word {
      color: var(--wait);
    }
    .failed .word {
      color: var(--bad);
      font-weight: 600;
    }
    .note .word {
      color: var(--muted);
    }
    .detail {
      height: 196px;
      overflow: auto;
      border-bottom: 1px solid var(--line);
      background: var(--raised);
      box-shadow: inset 3px 0 0 var(--accent);
      scrollbar-width: thin;
    }
    .detail .cell {
      padding: 8px 14px 10px 26px;
    }
    .reason {
      margin-bottom: 6px;
      color: var(--bad);
      font-weight: 600;
    }
    .way {
      display: flex;
      align-items: baseline;
      gap: 10px;
      margin-bottom: 6px;
    }
    .way > .muted {
      flex: 0 0 76px;
    }
    dl {
      display: grid;
      gap: 1px;
    }
    dl div {
      display: flex;
      align-items: center;
      gap: 10px;
      min-height: 24px;
    }
    dt {
      flex: 0 0 76px;
      align-self: flex-start;
      padding-top: 2px;
      color: var(--muted);
    }
    dd {
      display: inline-flex;
      align-items: center;
      gap: 4px;
      min-width: 0;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
    dd hop-copy {
      --control: 24px;
    }
    @container (max-width: 900px) {
      .line {
        grid-template-columns: 82px 24px 74px 62px minmax(0, 1fr);
        padding-right: 4px;
      }
      .line > * {
        padding: 0 4px;
      }
      .line .wide,
      .line .ms,
      .told,
      .fraction,
      .dir span {
        display: none;
      }
      .took {
        display: inline;
      }
      /* The reason needs the room more than the duration does. */
      .failed .took {
        display: none;
      }
      /* The bars, the first four digits and the dots. */
      .peer .id {
        width: calc(16px + 5ch);
        overflow: hidden;
      }
      .headings .dir {
        text-indent: -99px;
      }
      .headings .time {
        padding-left: 22px;
      }
      .head {
        flex-wrap: wrap;
      }
      .filter {
        flex: 1 1 100%;
        order: 2;
      }
      .chips {
        order: 3;
      }
      .way {
        flex-direction: column;
        gap: 2px;
      }
      .way > .muted {
        flex: none;
      }
      .detail .cell {
        padding-left: 14px;
      }
      .problem {
        top: 4px;
      }
    }
  `,
];
