/** Follows one link and takes down every sign of life that its peer gives: what the node itself goes by. */

import { expect } from '@playwright/test';
import type { Id, LinkView } from '../../src/session/api.ts';

/** A tab in which functions can be run: Playwright's own or one of the raw browser. `installRecorder` ran in it. */
export interface Watcher {
  evaluate<Value, Argument>(
    run: (argument: Argument) => Value | Promise<Value>,
    argument: Argument,
  ): Promise<Value>;
}

/** What was heard on a link. Times are ms on the watching page's clock. */
export interface Beats {
  /** Signs of life; frames that come together are one. */
  readonly heard: number;
  readonly gapMsMean: number;
  readonly gapMsMax: number;
  /** How often the watcher called its peer suspect. Each time it heard of it again. */
  readonly suspicions: number;
}

interface Look {
  readonly at: number;
  readonly link: { readonly framesIn: number; readonly state: LinkView['state'] } | undefined;
  /** Why the last link to the peer ended. */
  readonly ended: string | undefined;
}

/** Both ends agreed to part, or dialled anew: the peer is not accused of anything. */
const AGREED: ReadonlySet<string | undefined> = new Set(['unneeded', 'replaced']);
const LOOK_EVERY_MS = 100;

/**
 * Watches the link to a peer until it was heard so often. `undefined` when the two parted by agreement meanwhile: then
 * another link has to be watched. Fails when the link ends in any other way.
 */
export async function followBeats(watcher: Watcher, peer: Id, count: number): Promise<Beats | undefined> {
  const heardAt: number[] = [];
  let frames: number | undefined;
  let suspect = false;
  let suspicions = 0;
  const isOver = async (): Promise<boolean> => {
    const { at, link, ended } = await watcher.evaluate(lookAtLink, peer);
    if (link === undefined) {
      expect(AGREED, `why the link to ${peer.slice(0, 4)} ended`).toContain(ended);
      return true;
    }
    if (link.state === 'suspect' && !suspect) suspicions += 1;
    suspect = link.state === 'suspect';
    if (frames === undefined || link.framesIn > frames) heardAt.push(at);
    frames = link.framesIn;
    // The first look only says where the counting begins.
    return heardAt.length > count;
  };
  const message = `so many signs of life from ${peer.slice(0, 4)}`;
  await expect.poll(isOver, { message, timeout: count * 10_000, intervals: [LOOK_EVERY_MS] }).toBe(true);
  if (heardAt.length <= count) return undefined;
  const gaps = heardAt.slice(1).map((at, index) => at - heardAt[index]!);
  return {
    heard: count,
    gapMsMean: Math.round((heardAt.at(-1)! - heardAt[0]!) / count),
    gapMsMax: Math.max(...gaps),
    suspicions,
  };
}

/** Runs in the page. */
function lookAtLink(peer: Id): Look {
  const link = window.hopline
    .overlay!.snapshot()
    .links.find((entry) => entry.peer === peer && (entry.state === 'up' || entry.state === 'suspect'));
  const ends = window.recorder.events.filter(
    (event) => event.type === 'link' && event.peer === peer && event.state === 'down',
  ) as readonly { readonly reason?: string }[];
  return {
    at: Date.now(),
    link: link === undefined ? undefined : { framesIn: link.framesIn, state: link.state },
    ended: ends.at(-1)?.reason,
  };
}
