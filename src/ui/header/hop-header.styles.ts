/** Styles of `<hop-header>`: one line on wide screens, two on a phone. */

import { css } from 'lit';
import { baseStyles, controlStyles, idStyles } from '../styles/base.styles.ts';

export const headerStyles = [
  baseStyles,
  controlStyles,
  idStyles,
  css`
    header {
      display: flex;
      align-items: center;
      flex-wrap: wrap;
      gap: 2px 14px;
      min-height: 44px;
      padding: 4px 8px 4px 12px;
      background: var(--surface);
    }
    h1 {
      display: flex;
      align-items: center;
      gap: 7px;
      margin: 0;
      font-size: var(--fs-m);
      font-weight: 700;
      letter-spacing: -0.01em;
    }
    .logo {
      width: 22px;
      height: 22px;
      fill: none;
      stroke: var(--line-strong);
      stroke-width: 2;
    }
    .logo path {
      stroke: var(--path);
      stroke-width: 2.4;
      stroke-linecap: round;
    }
    .logo .dot {
      fill: var(--accent);
      stroke: none;
    }
    .logo .end {
      fill: var(--path);
    }
    .room {
      display: flex;
      align-items: center;
      min-width: 0;
      padding-left: 9px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--raised);
    }
    .room .name {
      max-width: 24ch;
      margin-right: 2px;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .facts {
      display: flex;
      align-items: center;
      flex: 1;
      flex-wrap: wrap;
      gap: 0 16px;
      min-width: 0;
    }
    .fact {
      display: inline-flex;
      align-items: center;
      gap: 5px;
      min-height: 24px;
      white-space: nowrap;
    }
    .label {
      color: var(--muted);
    }
    b {
      font-weight: 650;
      font-variant-numeric: tabular-nums;
    }
    .rate {
      min-width: 9ch;
    }
    .lamp {
      width: 8px;
      height: 8px;
      border-radius: 50%;
      border: 2px solid var(--muted);
    }
    .lamp.good {
      border-color: var(--good);
      background: var(--good);
    }
    .lamp.wait {
      border-color: var(--wait);
    }
    .lamp.bad {
      border-color: var(--bad);
      background: var(--bad);
      border-radius: 1px;
    }
    .tools {
      display: flex;
      margin-left: auto;
    }
    @media (max-width: 719px) {
      header {
        gap: 2px 8px;
        padding: 4px 6px 4px 10px;
      }
      .room {
        flex: 1;
      }
      .room .name {
        flex: 1;
      }
      .facts {
        order: 3;
        flex-basis: 100%;
        gap: 0 10px;
      }
      .self .label,
      .fact hop-copy {
        display: none;
      }
    }
  `,
];
