/** Styles of `<hop-send>`. */

import { css } from 'lit';
import { pathListStyles } from '../parts/path-list.ts';
import { baseStyles, controlStyles, idStyles, panelStyles } from '../styles/base.styles.ts';

export const sendStyles = [
  baseStyles,
  controlStyles,
  panelStyles,
  idStyles,
  pathListStyles,
  css`
    form {
      display: grid;
      gap: 6px;
      padding: 10px;
    }
    form > label {
      display: grid;
      grid-template-columns: 58px 1fr;
      align-items: center;
      gap: 6px;
    }
    form > label > span {
      color: var(--muted);
    }
    form > label.size {
      grid-template-columns: 58px 52px 1fr;
    }
    .hint {
      color: var(--muted);
      font-size: var(--fs-s);
    }
    .under {
      margin: -3px 0 2px 64px;
      min-height: 1.4em;
    }
    #size-hint:empty {
      display: none;
    }
    .hint.bad {
      color: var(--bad);
      font-weight: 600;
    }
    .submit {
      display: flex;
      align-items: center;
      gap: 10px;
    }
    .submit button {
      margin-left: auto;
      min-width: 84px;
    }
    .check {
      display: inline-flex;
      align-items: center;
      gap: 5px;
      min-height: 24px;
      color: var(--muted);
      font-size: var(--fs-s);
    }
    .timeout input {
      width: 68px;
    }
    .section {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 8px;
      padding: 6px 10px 3px;
      border-top: 1px solid var(--line);
    }
    h3 {
      font-size: var(--fs-s);
      font-weight: 650;
    }
    h3.section {
      color: var(--text);
    }
    p.hint {
      padding: 0 10px 8px;
    }
    form p.hint {
      padding: 0;
    }
    .result {
      margin: 0 10px 10px;
      padding: 7px 9px 9px;
      border: 1px solid var(--line);
      border-left: 3px solid var(--good);
      border-radius: var(--radius);
      background: var(--raised);
    }
    .result.pending {
      border-left-color: var(--wait);
    }
    .result.failed {
      border-left-color: var(--bad);
      background: var(--bad-soft);
    }
    .result h3 {
      font-size: var(--fs);
      overflow-wrap: anywhere;
    }
    dl {
      display: grid;
      gap: 1px;
      margin: 4px 0 6px;
    }
    dl div {
      display: flex;
      gap: 8px;
    }
    dt {
      flex: 0 0 82px;
      color: var(--muted);
    }
    dd {
      min-width: 0;
    }
    .payload {
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
    .found {
      display: flex;
      flex-wrap: wrap;
      gap: 1px 6px;
      margin-bottom: 6px;
    }
    .list {
      padding-bottom: 6px;
    }
    button.entry {
      justify-content: flex-start;
      gap: 7px;
      width: 100%;
      min-height: 25px;
      padding: 1px 10px;
      border: none;
      border-radius: 0;
      background: none;
      text-align: left;
    }
    button.entry:hover {
      background: var(--hover);
    }
    button.entry[aria-pressed='true'] {
      background: var(--chosen);
    }
    .entry .what {
      flex: 1;
      overflow: hidden;
      text-overflow: ellipsis;
    }
    .entry .muted {
      font-size: var(--fs-s);
    }
    .entry.two {
      flex-direction: column;
      align-items: stretch;
      gap: 0;
      padding-block: 3px;
    }
    .from {
      display: flex;
      align-items: center;
      gap: 8px;
    }
    .from .time {
      margin-left: auto;
    }
    .mark {
      width: 8px;
      height: 8px;
      flex: none;
      border-radius: 50%;
      background: var(--good);
    }
    .mark.pending {
      border: 2px solid var(--wait);
      background: none;
    }
    .mark.failed {
      border-radius: 1px;
      background: var(--bad);
    }
  `,
];
