/** Layout of the page: four panels over the log on wide screens, two by two below 1180 px, one at a time on a phone. */

import { css } from 'lit';
import { baseStyles, controlStyles } from '../styles/base.styles.ts';

export const appStyles = [
  baseStyles,
  controlStyles,
  css`
    :host {
      display: flex;
      flex-direction: column;
      height: 100vh;
      height: 100dvh;
      overflow: hidden;
      background: var(--bg);
    }
    hop-header,
    hop-notices,
    nav {
      flex: none;
    }
    main {
      display: grid;
      flex: 1;
      min-height: 0;
      grid-template-columns: minmax(270px, 0.86fr) minmax(300px, 1.15fr) minmax(270px, 0.9fr) minmax(
          280px,
          0.9fr
        );
      grid-template-rows: minmax(0, 1fr) 6px var(--log-height, 36%);
      grid-template-areas:
        'peers ring buckets send'
        'splitter splitter splitter splitter'
        'log log log log';
      border-top: 1px solid var(--line);
      background: var(--line);
    }
    main > * {
      min-width: 0;
      min-height: 0;
    }
    main > :focus {
      outline: none;
    }
    main > :focus-visible {
      outline: 2px solid var(--focus);
      outline-offset: -2px;
    }
    .peers {
      grid-area: peers;
      border-right: 1px solid var(--line);
    }
    .ring {
      grid-area: ring;
      border-right: 1px solid var(--line);
    }
    .buckets {
      grid-area: buckets;
      border-right: 1px solid var(--line);
    }
    .send {
      grid-area: send;
    }
    .wait {
      padding: 14px;
      background: var(--surface);
    }
    .side {
      color: var(--muted);
    }
    .log {
      grid-area: log;
    }
    .splitter {
      grid-area: splitter;
      background: var(--bg);
      border-block: 1px solid var(--line);
      cursor: row-resize;
      touch-action: none;
    }
    .splitter:hover {
      background: var(--line-strong);
    }
    nav {
      display: none;
    }
    hop-trouble {
      flex: 1;
      min-height: 0;
    }
    @media (max-width: 1179px) {
      main {
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        grid-template-rows: minmax(0, 1.15fr) minmax(0, 1fr) 6px var(--log-height, 30%);
        grid-template-areas:
          'ring send'
          'buckets peers'
          'splitter splitter'
          'log log';
      }
      .ring,
      .send {
        border-bottom: 1px solid var(--line);
      }
      .peers {
        border-right: none;
      }
    }
    @media (max-width: 719px) {
      main {
        display: flex;
        flex-direction: column;
      }
      main > * {
        display: none;
        border: none;
      }
      main[data-panel='ring'] > .ring,
      main[data-panel='buckets'] > .buckets,
      main[data-panel='peers'] > .peers,
      main[data-panel='send'] > .send,
      main[data-panel='store'] > .send,
      main[data-panel='log'] > .log {
        display: flex;
        flex: 1;
      }
      nav {
        display: grid;
        grid-template-columns: repeat(6, 1fr);
        padding-bottom: env(safe-area-inset-bottom);
        border-top: 1px solid var(--line);
        background: var(--surface);
      }
      .side {
        display: none;
      }
      nav button {
        flex-direction: column;
        gap: 1px;
        min-height: 50px;
        padding: 4px 0;
        border-radius: 0;
        color: var(--muted);
        font-size: var(--fs-s);
      }
      nav button[aria-pressed='true'] {
        box-shadow: inset 0 2px 0 var(--accent);
        color: var(--accent);
        font-weight: 650;
      }
    }
  `,
];
