/** Styles of `<hop-peers>`: columns come and go with the panel's own width. */

import { css } from 'lit';
import { standingStyles } from '../parts/standing.ts';
import { baseStyles, controlStyles, idStyles, panelStyles } from '../styles/base.styles.ts';

export const peersStyles = [
  baseStyles,
  controlStyles,
  panelStyles,
  idStyles,
  standingStyles,
  css`
    :host {
      container-type: inline-size;
    }
    .head {
      gap: 5px;
    }
    .head .count {
      margin-right: auto;
      padding-left: 2px;
    }
    .head input {
      flex: 0 1 140px;
      min-width: 60px;
    }
    .head select {
      flex: 0 0 78px;
      padding-inline: 3px;
    }
    /* Fixed columns: a number that changes moves nothing else. */
    table {
      width: 100%;
      border-collapse: collapse;
      table-layout: fixed;
    }
    th.state {
      width: 84px;
    }
    th.ms {
      width: 56px;
    }
    th.age,
    th.role,
    th.wide {
      width: 68px;
    }
    th {
      position: sticky;
      top: 0;
      z-index: 1;
      padding: 4px 8px;
      background: var(--surface);
      box-shadow: 0 1px 0 var(--line);
      color: var(--muted);
      font: 600 var(--fs-s) / 1.4 var(--sans);
      text-align: left;
    }
    th.num {
      text-align: right;
    }
    td {
      height: 26px;
      padding: 1px 8px;
    }
    td:first-child {
      padding-left: 5px;
    }
    tr[data-testid='peer-row'] {
      cursor: pointer;
    }
    tr[data-testid='peer-row']:hover td {
      background: var(--hover);
    }
    tr.chosen td,
    tr.chosen:hover td,
    tr.detail td {
      background: var(--chosen);
    }
    tr.detail td {
      padding: 2px 10px 10px;
    }
    .mid,
    .wide {
      display: none;
    }
    @container (min-width: 380px) {
      .mid {
        display: table-cell;
      }
    }
    @container (min-width: 520px) {
      .wide {
        display: table-cell;
      }
    }
    .full {
      display: flex;
      align-items: flex-start;
      gap: 4px;
    }
    code {
      flex: 1;
      overflow-wrap: anywhere;
    }
    dl {
      display: grid;
      grid-template-columns: 1fr;
      gap: 1px 14px;
      margin: 6px 0 8px;
    }
    dl div {
      display: flex;
      gap: 8px;
    }
    dt {
      flex: 0 0 72px;
      color: var(--muted);
    }
    dd {
      font-variant-numeric: tabular-nums;
    }
    .actions {
      display: flex;
      gap: 6px;
    }
  `,
];
