import { describe, expect, test } from 'vitest';
import {
  claimIdentitySlot,
  SLOTS_MAX,
  type LockManagerLike,
  type TabChannel,
  type TabMemory,
} from './identity-slot.ts';

/** Web Locks for one test: exclusive names, a queue for each, `ifAvailable` and `signal`. Node 20 has none. */
class Locks implements LockManagerLike {
  readonly #held = new Set<string>();
  readonly #queues = new Map<string, (() => void)[]>();

  async request<T>(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    callback: (lock: unknown) => Promise<T>,
  ): Promise<T> {
    if (this.#held.has(name)) {
      if (options.ifAvailable === true) return callback(null);
      await new Promise<void>((resolve, reject) => {
        const queue = this.#queues.get(name) ?? [];
        this.#queues.set(name, [...queue, resolve]);
        options.signal?.addEventListener('abort', () => {
          this.#queues.set(
            name,
            (this.#queues.get(name) ?? []).filter((waiting) => waiting !== resolve),
          );
          reject(new DOMException('aborted', 'AbortError'));
        });
      });
    }
    this.#held.add(name);
    try {
      return await callback({ name });
    } finally {
      this.#held.delete(name);
      const [next, ...rest] = this.#queues.get(name) ?? [];
      this.#queues.set(name, rest);
      next?.();
    }
  }
}

function memory(
  content: Record<string, string> = {},
): TabMemory & { readonly content: Record<string, string> } {
  return {
    content,
    getItem: (name) => content[name] ?? null,
    setItem: (name, value) => {
      content[name] = value;
    },
  };
}

/** Tabs of one profile, joined at once without the event loop. */
function channels(): () => TabChannel {
  const all = new Set<{ listeners: ((event: { data: unknown }) => void)[] }>();
  return () => {
    const self = { listeners: [] as ((event: { data: unknown }) => void)[] };
    all.add(self);
    return {
      postMessage: (data) => {
        for (const other of all) {
          if (other !== self) queueMicrotask(() => other.listeners.forEach((listener) => listener({ data })));
        }
      },
      addEventListener: (_type, listener) => self.listeners.push(listener),
      close: () => all.delete(self),
    };
  };
}

describe('identity slot', () => {
  test('[SL1] two tabs never share a slot; the first free one is taken', async () => {
    const locks = new Locks();
    const [a, b, c] = await Promise.all([0, 1, 2].map(() => claimIdentitySlot({ locks, memory: memory() })));
    expect(new Set([a!.index, b!.index, c!.index])).toEqual(new Set([0, 1, 2]));
    b!.release();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await claimIdentitySlot({ locks, memory: memory() }))!.index).toBe(b!.index);
  });

  test('[SL2] a reload waits for the old page and keeps its slot', async () => {
    const locks = new Locks();
    const first = (await claimIdentitySlot({ locks, memory: memory() }))!;
    const tab = memory();
    const old = (await claimIdentitySlot({ locks, memory: tab }))!;
    const reloaded = claimIdentitySlot({ locks, memory: tab });
    old.release();
    expect((await reloaded)!.index).toBe(old.index);
    expect(first.index).toBe(0);
  });

  test('[SL3] a duplicated tab gets its own slot: at once when the holder answers, else after the wait', async () => {
    const locks = new Locks();
    const channel = channels();
    const tab = memory();
    const original = (await claimIdentitySlot({ locks, memory: tab, channel: channel() }))!;
    const copy = memory({ ...tab.content });
    const duplicate = (await claimIdentitySlot({ locks, memory: copy, channel: channel(), waitMs: 60_000 }))!;
    expect(duplicate.index).not.toBe(original.index);
    const silent = (await claimIdentitySlot({ locks, memory: memory({ ...tab.content }), waitMs: 5 }))!;
    expect(new Set([original.index, duplicate.index, silent.index]).size).toBe(3);
    expect(copy.content).not.toEqual(tab.content);
  });

  test('[SL4] what is not a slot number in the tab’s memory is ignored', async () => {
    for (const text of ['', '-1', '1.5', 'x', '999', '1e2', '00000']) {
      const slot = await claimIdentitySlot({
        locks: new Locks(),
        memory: memory({ 'hopline.identity-slot': text }),
      });
      expect(slot!.index).toBe(0);
    }
  });

  test('[SL5] when all slots are taken there is none', async () => {
    const locks = new Locks();
    for (let i = 0; i < SLOTS_MAX; i++)
      expect((await claimIdentitySlot({ locks, memory: memory() }))!.index).toBe(i);
    expect(await claimIdentitySlot({ locks, memory: memory() })).toBeUndefined();
  });

  test('[SL6] a lock manager that refuses is an error the caller can explain', async () => {
    const locks: LockManagerLike = { request: () => Promise.reject(new Error('SecurityError')) };
    await expect(claimIdentitySlot({ locks, memory: memory() })).rejects.toThrow('SecurityError');
  });
});
