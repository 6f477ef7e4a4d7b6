/** What both dialogs share. */

import { css } from 'lit';

export const dialogStyles = css`
  dialog {
    max-width: calc(100vw - 24px);
    max-height: calc(100dvh - 24px);
    padding: 12px 14px 14px;
    border: 1px solid var(--line-strong);
    border-radius: 8px;
    background: var(--surface);
    color: var(--text);
    box-shadow: 0 12px 40px rgb(0 0 0 / 30%);
    overflow: auto;
  }
  dialog::backdrop {
    background: rgb(8 12 18 / 45%);
  }
  .title {
    display: flex;
    align-items: center;
    justify-content: space-between;
    margin-bottom: 4px;
  }
  h2 {
    font-size: var(--fs-l);
  }
`;
