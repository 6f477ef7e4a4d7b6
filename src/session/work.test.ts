/** Goal: admission work as an application sees it, on real keys. Method: sessions in one process; without workers the search runs in slices. */

import { afterEach, describe, expect, test } from 'vitest';
import { idOfKey } from '../identity/hash.ts';
import { work } from '../identity/work-search.ts';
import { SessionHarness } from './session-harness.ts';

afterEach(() => SessionHarness.closeAll());

describe('admission work', () => {
  test('[WK1] sessions that ask for work join, put and get, also one that asks for none itself', async () => {
    const harness = new SessionHarness();
    const [first, second] = await harness.openMany(2, { admissionBits: 8 });
    const third = await harness.open();
    expect(third.snapshot().state).toBe('ready');
    expect(await third.put('k', 'v')).toMatchObject({ ok: true, refusedBy: [] });
    for (const reader of [first!, second!])
      expect(await reader.get('k')).toMatchObject({ ok: true, value: 'v' });
    expect(third.snapshot().work).toBeUndefined();
  });

  test('[WK2] bits that cannot be meant are refused', async () => {
    for (const admissionBits of [-1, 19, 1.5])
      await expect(new SessionHarness().open({ admissionBits })).rejects.toThrow(
        /admissionBits is a whole number/,
      );
  });

  test('[WK3] jobs are done one after another; a cancelled one ends at once, and what is too hard never begins', async () => {
    const [id, checker] = [idOfKey(new Uint8Array(32)), idOfKey(new Uint8Array(32).fill(1))];
    const demandOf = (bits: number): Uint8Array => {
      const demand = new Uint8Array(33).fill(bits);
      demand[32] = bits;
      return demand;
    };
    const ask = (job: number, bits: number): ReturnType<typeof work> =>
      work({ type: 'work', demand: demandOf(bits), bitsMax: 40, purpose: 1, checker }, job, id);
    const cancel = (job: number): ReturnType<typeof work> => work({ type: 'cancel', job }, 99, id);
    // 32 zero bits would take an hour.
    const [endless, waiting, quick] = [ask(1, 32), ask(2, 32), ask(3, 4)];
    await cancel(2);
    expect(await waiting).toEqual({ type: 'failed' });
    await cancel(1);
    expect(await endless).toEqual({ type: 'failed' });
    expect(await quick).toMatchObject({ type: 'worked' });
    await cancel(3);
    expect(await ask(4, 41)).toEqual({ type: 'worked', solution: 'too-hard' });
  });
});
