/** The keys of the page. What each does stands in words in `dialogs/help-tables.ts`. */

import { createKeybindingsHandler } from 'tinykeys';

/** The panels that can be gone to. */
export type PanelName = 'ring' | 'buckets' | 'peers' | 'send' | 'store' | 'log';

/** What keys can do; `hop-app` supplies it. */
export interface ShortcutActions {
  readonly focusFilter: () => void;
  readonly togglePause: () => void;
  readonly moveRow: (step: number) => void;
  readonly goTo: (panel: PanelName) => void;
  readonly openHelp: () => void;
  readonly changeTheme: () => void;
  readonly goBack: () => void;
}

/** A listener for `keydown` on the window. Keys typed into a field do not count, except Escape. */
export function createShortcutHandler(actions: ShortcutActions): (event: KeyboardEvent) => void {
  return createKeybindingsHandler({
    // Some layouts have these two behind Shift.
    '/': unlessTyping(actions.focusFilter),
    'Shift+/': unlessTyping(actions.focusFilter),
    // Space belongs to a focused button, except on a row of the log, which Enter opens.
    Space: (event) => {
      if (isTyping(event) || usesSpace(event)) return;
      event.preventDefault();
      actions.togglePause();
    },
    j: unlessTyping(() => actions.moveRow(1)),
    k: unlessTyping(() => actions.moveRow(-1)),
    'g r': unlessTyping(() => actions.goTo('ring')),
    'g b': unlessTyping(() => actions.goTo('buckets')),
    'g p': unlessTyping(() => actions.goTo('peers')),
    'g s': unlessTyping(() => actions.goTo('send')),
    'g v': unlessTyping(() => actions.goTo('store')),
    'g l': unlessTyping(() => actions.goTo('log')),
    t: unlessTyping(actions.changeTheme),
    '?': unlessTyping(actions.openHelp),
    'Shift+?': unlessTyping(actions.openHelp),
    Escape: (event) => {
      if (!inDialog(event)) actions.goBack();
    },
  }) as (event: KeyboardEvent) => void;
}

function unlessTyping(action: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (isTyping(event)) return;
    event.preventDefault();
    action();
  };
}

/** The element the key was meant for, inside whatever shadow roots. */
function targetOf(event: KeyboardEvent): Element | undefined {
  const target = event.composedPath()[0];
  return target instanceof Element ? target : undefined;
}

function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || inDialog(event)) return true;
  return targetOf(event)?.matches('input:not([type="checkbox"]), textarea, select') ?? false;
}

function usesSpace(event: KeyboardEvent): boolean {
  const target = targetOf(event);
  if (target === undefined || target.matches('.opener')) return false;
  return target.matches('button, a, input, summary, [role="button"]');
}

function inDialog(event: KeyboardEvent): boolean {
  return event.composedPath().some((part) => part instanceof HTMLDialogElement);
}
