/**
 * Identity slots: tabs of one browser profile share their storage, so each claims a numbered slot with the Web Locks
 * API and uses the identity kept there. The slot is remembered in `sessionStorage`: a reload waits briefly until
 * the old page has let go and takes the same one; a duplicated tab, whose memory is a copy, finds it taken. Rules SL1-SL6.
 */

/** The part of `navigator.locks` that is used. */
export interface LockManagerLike {
  request<T>(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    callback: (lock: unknown) => Promise<T>,
  ): Promise<T>;
}

/** The part of `sessionStorage` that is used. */
export interface TabMemory {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** The part of a `BroadcastChannel` that is used. */
export interface TabChannel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  close(): void;
}

export interface SlotOptions {
  readonly locks: LockManagerLike;
  readonly memory: TabMemory;
  /** Lets the holder of a slot say that it is there to stay, so that a duplicated tab need not wait. */
  readonly channel?: TabChannel;
  /** How long to wait for the old page of a reload, ms. */
  readonly waitMs?: number;
}

/** A slot that is this tab's until `release`. */
export interface IdentitySlot {
  readonly index: number;
  release(): void;
}

/** Slots tried before giving up: more tabs of one profile than any browser bears. */
export const SLOTS_MAX = 256;
const WAIT_MS = 2_000;
const MEMORY_NAME = 'hopline.identity-slot';

/** Claims the remembered slot or else the first free one; `undefined` when all are taken. */
export async function claimIdentitySlot(options: SlotOptions): Promise<IdentitySlot | undefined> {
  const remembered = readRemembered(options.memory);
  let held = remembered === undefined ? undefined : await claimRemembered(options, remembered);
  for (let index = 0; held === undefined && index < SLOTS_MAX; index++) {
    held = await tryLock(options.locks, index, { ifAvailable: true });
  }
  if (held === undefined) return undefined;
  remember(options.memory, held.index);
  answerForSlot(options.channel, held.index);
  return {
    index: held.index,
    release: () => {
      options.channel?.close();
      held.release();
    },
  };
}

async function claimRemembered(options: SlotOptions, index: number): Promise<IdentitySlot | undefined> {
  const free = await tryLock(options.locks, index, { ifAvailable: true });
  if (free !== undefined) return free;
  const patience = new AbortController();
  const giveUp = (): void => patience.abort();
  const timer = setTimeout(giveUp, options.waitMs ?? WAIT_MS);
  options.channel?.addEventListener('message', ({ data }) => {
    if (isNotice(data, 'held', index)) giveUp();
  });
  options.channel?.postMessage({ type: 'ask', index });
  const held = await tryLock(options.locks, index, { signal: patience.signal });
  clearTimeout(timer);
  return held;
}

/** The lock lasts as long as the promise that its callback returns. */
function tryLock(
  locks: LockManagerLike,
  index: number,
  how: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
): Promise<IdentitySlot | undefined> {
  return new Promise((resolve, reject) => {
    locks
      .request(`hopline/identity/${index}`, how, async (lock) => {
        if (lock === null) return resolve(undefined);
        await new Promise<void>((release) => resolve({ index, release }));
      })
      .catch((error: unknown) => {
        if (how.signal?.aborted === true) resolve(undefined);
        else reject(error instanceof Error ? error : new Error('The lock was refused.'));
      });
  });
}

/** A page that is being unloaded no longer answers, so a reload is not told that its own slot is taken. */
function answerForSlot(channel: TabChannel | undefined, index: number): void {
  channel?.addEventListener('message', ({ data }) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel, not a window
    if (isNotice(data, 'ask', index)) channel.postMessage({ type: 'held', index });
  });
}

function isNotice(data: unknown, type: 'ask' | 'held', index: number): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const notice = data as { readonly type?: unknown; readonly index?: unknown };
  return notice.type === type && notice.index === index;
}

/** Only a whole number in range counts; anything else in there is not ours. */
function readRemembered(memory: TabMemory): number | undefined {
  const text = memory.getItem(MEMORY_NAME);
  if (text === null || !/^\d{1,3}$/.test(text)) return undefined;
  const index = Number(text);
  return index < SLOTS_MAX ? index : undefined;
}

function remember(memory: TabMemory, index: number): void {
  memory.setItem(MEMORY_NAME, String(index));
}
