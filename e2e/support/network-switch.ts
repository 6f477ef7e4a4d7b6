/**
 * Takes a tab off the network and back. The browser's own emulation covers HTTP and WebSockets but not WebRTC, so the
 * data channels fall silent in the page: nothing they send leaves and nothing that arrives is heard, while the browser goes
 * on believing that they are connected. That is what a network that swallows packets looks like.
 */

import type { Tab } from './tab.ts';

declare global {
  interface Window {
    /** True while the tab is off the network. */
    isCutOff: boolean;
  }
}

/** Self-contained: it is sent to the page as text and runs before the page's own scripts. */
export function installNetworkSwitch(): void {
  window.isCutOff = false;
  const channels = RTCDataChannel.prototype;
  const send = Reflect.get(channels, 'send') as (this: RTCDataChannel, data: ArrayBuffer) => void;
  channels.send = function sendUnlessCutOff(this: RTCDataChannel, data: unknown): void {
    if (!window.isCutOff) send.call(this, data as ArrayBuffer);
  };
  const onmessage = Object.getOwnPropertyDescriptor(channels, 'onmessage')!;
  Object.defineProperty(channels, 'onmessage', {
    ...onmessage,
    set(this: RTCDataChannel, handler: ((event: MessageEvent) => void) | null) {
      const heard = (event: MessageEvent): void => {
        if (!window.isCutOff) handler?.call(this, event);
      };
      onmessage.set?.call(this, handler === null ? null : heard);
    },
  });
}

/** From now on nothing reaches the tab or leaves it. All tabs of its context lose the server with it. */
export async function goOffline(tab: Tab): Promise<void> {
  await tab.page.evaluate(() => {
    window.isCutOff = true;
  });
  await tab.page.context().setOffline(true);
}

/** The network is back; the browser tells the page. */
export async function goOnline(tab: Tab): Promise<void> {
  await tab.page.evaluate(() => {
    window.isCutOff = false;
  });
  await tab.page.context().setOffline(false);
}
