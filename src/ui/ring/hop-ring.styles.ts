/** Styles of `<hop-ring>`. Roles differ in shape and line as well as in colour. */

import { css } from 'lit';
import { pathListStyles } from '../parts/path-list.ts';
import { baseStyles, controlStyles, idStyles, panelStyles } from '../styles/base.styles.ts';

export const ringStyles = [
  baseStyles,
  controlStyles,
  panelStyles,
  idStyles,
  pathListStyles,
  css`
    .body {
      display: flex;
      flex-direction: column;
      align-items: center;
      container-type: size;
    }
    svg.ring {
      display: block;
      flex: 1 1 auto;
      width: 100%;
      min-height: 180px;
      max-height: 640px;
      padding: 6px;
    }
    .ground {
      fill: none;
      stroke: var(--line-strong);
    }
    .ground text {
      fill: var(--muted);
      stroke: none;
      font: 10px var(--mono);
    }
    .circle {
      stroke-width: 1.2;
    }
    .arc {
      fill: none;
      stroke: var(--line-strong);
      stroke-width: 3;
    }
    .arc.odd {
      stroke-opacity: 0.55;
    }
    .arc.chosen {
      stroke: var(--accent);
      stroke-opacity: 1;
      stroke-width: 4;
    }
    .links path {
      fill: none;
      stroke: var(--accent);
      stroke-width: 1.3;
      stroke-opacity: 0.5;
    }
    .links .linking {
      stroke-dasharray: 3 4;
    }
    .links .suspect {
      stroke: var(--wait);
      stroke-dasharray: 6 3;
    }
    .links.faded path {
      stroke-opacity: 0.18;
    }
    .links path.chosen {
      stroke-opacity: 1;
      stroke-width: 2.2;
    }
    .node {
      cursor: pointer;
      outline: none;
    }
    .hit {
      fill: transparent;
    }
    .shape {
      fill: var(--surface);
      stroke: var(--muted);
      stroke-width: 1.6;
    }
    .linked .shape {
      fill: var(--accent);
      stroke: var(--surface);
    }
    .suspect .shape {
      fill: var(--wait);
      stroke: var(--surface);
      stroke-dasharray: 2 2;
    }
    .linking .shape {
      stroke: var(--accent);
      stroke-dasharray: 2.5 2;
    }
    .candidate .shape {
      fill: var(--muted);
      stroke: none;
    }
    .stranger .shape {
      stroke: var(--path);
    }
    .self .shape {
      stroke: var(--accent);
      stroke-width: 2.4;
    }
    .self .core {
      fill: var(--accent);
    }
    .label {
      fill: var(--muted);
      font: 11px var(--mono);
    }
    .linked .label,
    .self .label,
    .chosen .label {
      fill: var(--text);
    }
    .self .label {
      font: 600 11px var(--sans);
    }
    .chosen .hit {
      fill: var(--chosen);
      stroke: var(--accent);
      stroke-width: 1.5;
    }
    .chosen .label {
      font-weight: 700;
    }
    .node:focus-visible .hit {
      stroke: var(--focus);
      stroke-width: 2.4;
    }
    .node:hover .hit {
      stroke: var(--line-strong);
      stroke-width: 1.5;
    }
    .key path {
      fill: var(--surface);
      stroke: var(--path);
      stroke-width: 2;
    }
    .arrow {
      fill: none;
      stroke: var(--path);
      stroke-width: 2.4;
    }
    .arrow.gap {
      stroke-dasharray: 2 5;
    }
    .tip {
      fill: var(--path);
    }
    .dead path {
      fill: none;
      stroke: var(--bad);
      stroke-width: 1.8;
    }
    .dead .broken {
      stroke-dasharray: 4 4;
    }
    .dead .cross {
      stroke-width: 2.6;
    }
    .badge {
      pointer-events: none;
    }
    .badge circle {
      fill: var(--path);
      stroke: var(--surface);
      stroke-width: 1.6;
    }
    .badge text {
      fill: var(--on-path);
      font: 700 10.5px var(--mono);
    }
    .below {
      flex: none;
      width: 100%;
      padding: 6px 12px 12px;
    }
    h3 {
      margin-bottom: 4px;
      color: var(--muted);
      font-size: var(--fs-s);
      font-weight: 600;
    }
    .teach {
      text-align: center;
    }
    .teach h3 {
      color: var(--text);
      font-size: var(--fs-m);
    }
    .row {
      display: flex;
      flex-wrap: wrap;
      justify-content: center;
      gap: 6px;
      margin-top: 8px;
    }
    .legend {
      display: flex;
      flex-wrap: wrap;
      justify-content: center;
      gap: 2px 14px;
      flex: none;
      padding: 2px 10px 9px;
      color: var(--muted);
      font-size: var(--fs-s);
    }
    .legend li {
      display: inline-flex;
      align-items: center;
      gap: 3px;
    }
    .legend svg {
      width: 17px;
      height: 17px;
    }
  `,
];
