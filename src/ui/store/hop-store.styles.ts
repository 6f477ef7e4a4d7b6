/** Styles of `<hop-store>`. */

import { css } from 'lit';
import { sendStyles } from '../send/hop-send.styles.ts';

/** The form, results and lists look as those of the send panel. */
export const storeStyles = [
  ...sendStyles,
  css`
    input[type='file'] {
      width: 100%;
      min-width: 0;
    }
    .pair {
      display: grid;
      grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr);
      gap: 10px;
    }
    .pair label {
      display: grid;
      grid-template-columns: 58px minmax(0, 1fr);
      align-items: center;
      gap: 6px;
    }
    .pair label + label {
      grid-template-columns: auto minmax(0, 1fr);
    }
    .pair label > span {
      color: var(--muted);
      white-space: nowrap;
    }
    .buttons {
      display: grid;
      grid-template-columns: repeat(4, minmax(0, 1fr));
      gap: 6px;
    }
    .buttons button {
      padding: 0 4px;
    }
    dl div {
      align-items: baseline;
    }
    .value {
      max-height: 150px;
      overflow: auto;
    }
    .with-copy {
      display: flex;
      align-items: center;
      gap: 4px;
    }
    .with-copy .payload {
      flex: 1;
      min-width: 0;
    }
    .records-found {
      display: grid;
      gap: 2px;
      margin-bottom: 6px;
    }
    summary {
      padding: 2px 0;
      color: var(--muted);
      cursor: pointer;
    }
    ol.steps {
      display: grid;
      gap: 1px;
    }
    ol.steps li {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0 6px;
    }
    .step {
      min-width: 62px;
    }
    .step.answered {
      color: var(--good);
    }
    .step.slow,
    .step.asked {
      color: var(--wait);
    }
    .step.failed {
      color: var(--bad);
      font-weight: 600;
    }
    .watch {
      display: flex;
      align-items: center;
      gap: 8px;
      padding: 1px 10px;
    }
    .watch .what {
      flex: 1;
      min-width: 0;
      overflow-wrap: anywhere;
    }
    .notice {
      margin: 0 10px 8px;
      padding: 6px 9px;
      border-radius: var(--radius);
      background: var(--wait-soft);
    }
    .held {
      width: 100%;
      border-collapse: collapse;
      table-layout: fixed;
    }
    .held th,
    .held td {
      padding: 2px 4px;
      text-align: left;
      vertical-align: top;
    }
    .held th {
      border-bottom: 1px solid var(--line);
      color: var(--muted);
      font-size: var(--fs-s);
      font-weight: 600;
    }
    .held .num {
      text-align: right;
    }
    .held th.num {
      width: 62px;
      font-family: var(--sans);
    }
    .held th.role {
      width: 56px;
    }
    .held tr + tr td {
      border-top: 1px solid var(--line);
    }
    .held .by {
      display: block;
      padding-left: 5px;
      white-space: nowrap;
      color: var(--muted);
      font-size: var(--fs-s);
    }
    .held .keys {
      display: flex;
      align-items: center;
    }
    .held span.sub {
      display: block;
      color: var(--muted);
    }
    .roles {
      padding-top: 5px;
    }
  `,
];
