/**
 * Opens the overlay that the address asks for, and another one when the address changes by hand. Names the room when
 * the address does not. The opener is passed in: the page hands over `openOverlay`.
 */

import type { GeometryName, Overlay, OverlayOptions } from '../../session/api.ts';
import { createRoomName, ROOM_NAME_BYTES } from '../settings/room-name.ts';
import { parseUrlSettings, withRoom, type SettingProblem } from '../settings/url-settings.ts';
import type { SessionStore } from './session-store.ts';

/** Makes an overlay; rejects with an `Error` whose message is a sentence for people. */
export type OpenOverlay = (options: OverlayOptions) => Promise<Overlay>;

/** One page's succession of overlays. */
export class PageSession {
  room = '';
  geometry: GeometryName = 'kademlia';
  problems: readonly SettingProblem[] = [];
  askedForMemory = false;
  /** Called when room, geometry or problems changed. */
  onChange: () => void = () => undefined;

  #store: SessionStore;
  #open: OpenOverlay;
  /** Counts openings: a slow one that was overtaken must not win. */
  #turn = 0;
  /** The address part the present overlay was opened for. */
  #hash = '';

  constructor(store: SessionStore, open: OpenOverlay) {
    this.#store = store;
    this.#open = open;
  }

  /** Opens now and with every change of the address. */
  start(): void {
    addEventListener('hashchange', () => {
      if (location.hash !== this.#hash) void this.reopen();
    });
    void this.reopen();
  }

  /** Leaves the present overlay and opens the one the address names. Never rejects: trouble shows on the page. */
  async reopen(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const previous = this.#store.overlay;
    this.#store.detach();
    this.#store.setStatus({ phase: 'opening' });
    const options = this.#readAddress();
    this.onChange();
    try {
      await previous?.leave();
      const overlay = await this.#open(options);
      if (turn === this.#turn) this.#store.attach(overlay);
      else await overlay.leave();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#store.setStatus({
        phase: 'failed',
        problem: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #readAddress(): OverlayOptions {
    const { settings, problems } = parseUrlSettings(location.hash);
    const room = settings.room ?? createRoomName(crypto.getRandomValues(new Uint8Array(ROOM_NAME_BYTES)));
    if (settings.room === undefined) history.replaceState(history.state, '', withRoom(location.hash, room));
    this.room = room;
    this.geometry = settings.geometry ?? 'kademlia';
    this.problems = problems;
    this.askedForMemory = settings.storage === 'memory';
    this.#hash = location.hash;
    return { ...settings, room };
  }
}
