/**
 * Counts `RTCPeerConnection`s that are alive or closed but not yet collected. Chromium refuses the 501st of a page and
 * counts closed ones until its collector has taken them, which a quiet page may put off for minutes. So the budget
 * stays well below the cap, and makes the collector run after every few connections.
 */

/** Connections alive or uncollected before new attempts are refused as `busy`. */
export const CONNECTIONS_MAX = 250;

/** Connections between two nudges: a burst of them stays far from the cap, and a nudge costs less than one of them. */
const NUDGE_EVERY = 20;
const NUDGE_ARRAYS = 40;
const NUDGE_LENGTH = 100_000;

/** The budget of one page. */
export class ConnectionBudget {
  #used = 0;
  #sinceNudge = 0;
  readonly #registry = new FinalizationRegistry<undefined>(() => {
    this.#used--;
  });

  /** True when no further connection may be made now. */
  get exhausted(): boolean {
    if (this.#used < CONNECTIONS_MAX) return false;
    nudgeCollector();
    return true;
  }

  /** Counts a connection from now until it is collected. */
  add(connection: WeakKey): void {
    this.#used++;
    this.#registry.register(connection, undefined);
    if (++this.#sinceNudge < NUDGE_EVERY) return;
    this.#sinceNudge = 0;
    nudgeCollector();
  }
}

/**
 * There is no way to ask for a collection. 32 MB on the script heap, dropped at once, bring one about in some 10 ms;
 * the same amount in typed arrays takes ten times as long, and text only moves the small things.
 */
function nudgeCollector(): void {
  const garbage: number[][] = [];
  // oxlint-disable-next-line unicorn/no-new-array -- filling from a callback takes ten times as long
  for (let i = 0; i < NUDGE_ARRAYS; i++) garbage.push(new Array<number>(NUDGE_LENGTH).fill(i + 0.5));
}
