/** Composition root of the page: wires the public API to the screen. Nothing else is global but `window.hopline`. */

import type { Overlay } from './session/api.ts';
import { openOverlay } from './session/open-overlay.ts';
import { PageSession } from './ui/controllers/page-session.ts';
import { SessionStore } from './ui/controllers/session-store.ts';
import { HopApp } from './ui/app/hop-app.ts';

/** What the console and tests get. */
export interface HoplinePage {
  /** The overlay on the screen; `undefined` while it is being opened. */
  readonly overlay: Overlay | undefined;
  /** Opens further overlays beside it; the caller leaves them. */
  readonly openOverlay: typeof openOverlay;
  /** False keeps the page from answering requests, so that handlers added from the console do. */
  echo: boolean;
}

declare global {
  interface Window {
    hopline: HoplinePage;
  }
}

const store = new SessionStore();
const page = new PageSession(store, openOverlay);

window.hopline = {
  get overlay() {
    return store.overlay;
  },
  openOverlay,
  get echo() {
    return store.echo;
  },
  set echo(on: boolean) {
    store.echo = on;
    store.touch('sends');
  },
};

const app = new HopApp();
app.store = store;
app.page = page;
document.body.append(app);
