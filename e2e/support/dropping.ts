/**
 * Makes a tab hostile: it answers for itself and takes part in everything, but what it should pass on for others never
 * leaves it. The page itself is as always: the frames vanish where the browser would send them.
 */

import type { Tab } from './tab.ts';

declare global {
  interface Window {
    /** What a hostile tab kept back; absent in an honest one. */
    dropped: { frames: number } | undefined;
  }
}

/** From now on the tab drops what is not its own. Its context needs `installDropping`. */
export async function startDropping(tab: Tab): Promise<void> {
  await tab.page.evaluate(() => {
    window.dropped = { frames: 0 };
  });
}

/** Frames of others' messages that the tab kept back so far, without those of their upkeep. */
export function droppedBy(tab: Tab): Promise<number> {
  return tab.page.evaluate(() => window.dropped!.frames);
}

/**
 * Self-contained: it is sent to the page as text and runs before the page's own scripts. A routed frame is told by its
 * header (src/core/wire/frame.ts) from what opens a link and from what two linked nodes tell each other.
 */
export function installDropping(): void {
  const frame = {
    bytesMin: 95,
    version: 1,
    kindMin: 0x10,
    serviceAt: 3,
    app: 0,
    originAt: 28,
    originEnd: 60,
  };
  const channels = RTCDataChannel.prototype;
  const send = Reflect.get(channels, 'send') as (this: RTCDataChannel, data: unknown) => void;
  const isForeign = (bytes: Uint8Array): boolean => {
    if (bytes.length < frame.bytesMin || bytes[0] !== frame.version || bytes[1]! < frame.kindMin)
      return false;
    const origin = Array.from(bytes.subarray(frame.originAt, frame.originEnd), (byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    return origin.join('') !== window.hopline.overlay!.id;
  };
  channels.send = function sendOwn(this: RTCDataChannel, data: unknown): void {
    const { dropped } = window;
    if (dropped === undefined) {
      send.call(this, data);
      return;
    }
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data as ArrayBuffer);
    if (!isForeign(bytes)) send.call(this, data);
    else if (bytes[frame.serviceAt] === frame.app) dropped.frames += 1;
  };
}
