/** Renders its component again when the topics it names have changed, at most once a frame. */

import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SessionStore, Topic } from './session-store.ts';

/** A component that was given the page's store. */
export interface StoreHost extends ReactiveControllerHost {
  readonly store: SessionStore;
}

/** Connects a component to the store while it is in the page. */
export class SessionController implements ReactiveController {
  #host: StoreHost;
  #topics: readonly Topic[];
  #unsubscribe: (() => void) | undefined;

  constructor(host: StoreHost, topics: readonly Topic[]) {
    this.#host = host;
    this.#topics = topics;
    host.addController(this);
  }

  hostConnected(): void {
    this.#unsubscribe = this.#host.store.subscribe(this.#topics, () => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}
