/**
 * Makes a tab hostile: it answers for itself and takes part in everything, but what it should pass on for others never
 * leaves it. The page itself is as always: the frames vanish where the browser would send them.
 */

import type { BrowserContext } from '@playwright/test';
import { Tab } from './tab.ts';

/** Frames of others that a tab kept back. */
export interface Dropped {
  /** Messages of the application. */
  app: number;
  /** Lookups, signals, pings and the like. */
  upkeep: number;
}

declare global {
  interface Window {
    /** Only in a tab that drops frames. */
    dropped: Dropped | undefined;
  }
}

/** Opens a tab that drops what it should pass on, from the moment it knows its own id. */
export function openDropping(context: BrowserContext, url: string): Promise<Tab> {
  return Tab.open(context, url, (page) => page.addInitScript(installDropping));
}

/** What the tab kept back so far. */
export function droppedBy(tab: Tab): Promise<Dropped> {
  return tab.page.evaluate(() => window.dropped!);
}

/**
 * Self-contained: it is sent to the page as text and runs before the page's own scripts. A routed frame is told by its
 * header (src/core/wire/frame.ts) from what opens a link and from what two linked nodes tell each other.
 */
function installDropping(): void {
  const frame = {
    bytesMin: 95,
    version: 1,
    kindMin: 0x10,
    serviceAt: 3,
    app: 0,
    originAt: 28,
    originEnd: 60,
  };
  const dropped = { app: 0, upkeep: 0 };
  window.dropped = dropped;
  const channels = RTCDataChannel.prototype;
  const send = Reflect.get(channels, 'send') as (this: RTCDataChannel, data: unknown) => void;
  const isForeign = (bytes: Uint8Array): boolean => {
    const isRouted =
      bytes.length >= frame.bytesMin && bytes[0] === frame.version && bytes[1]! >= frame.kindMin;
    const self = (window.hopline as Window['hopline'] | undefined)?.overlay?.id;
    if (!isRouted || self === undefined) return false;
    const origin = Array.from(bytes.subarray(frame.originAt, frame.originEnd), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    return origin.join('') !== self;
  };
  channels.send = function sendOwn(this: RTCDataChannel, data: unknown): void {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data as ArrayBuffer);
    if (!isForeign(bytes)) send.call(this, data);
    else if (bytes[frame.serviceAt] === frame.app) dropped.app += 1;
    else dropped.upkeep += 1;
  };
}
