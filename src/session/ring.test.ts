/** Goal: the operations of a ring by their names, from the application's side. Method: real sessions, links in memory. */

import { afterEach, expect, test } from 'vitest';
import { SessionHarness } from './session-harness.ts';

afterEach(() => SessionHarness.closeAll());

test('what is inserted at one node is read at another, from its owner; others refuse and name it', async () => {
  const sessions = await new SessionHarness().openMany(4, { geometry: 'chord' });
  const [one, two] = sessions;
  const inserted = await one!.ring!.insertValue('tea', { cups: 2 });
  expect(inserted).toMatchObject({ ok: true, sequence: 1, copies: 2 });
  const owner = inserted.owner!;
  const got = await two!.ring!.getValue('tea');
  expect(got).toMatchObject({ ok: true, value: { cups: 2 }, owner });
  expect(got.records[0]).toMatchObject({ publisher: one!.id, kind: 'shared', holder: owner });
  const other = sessions.find(({ id }) => id !== owner)!;
  expect(await two!.ring!.getValue('tea', { at: other.id })).toMatchObject({
    ok: false,
    reason: 'not-responsible',
    owner,
    asked: [other.id],
  });
  expect(await one!.ring!.getNode('tea', { via: two!.id })).toMatchObject({ ok: true, owner });
  expect(await one!.ring!.getValue('coffee')).toMatchObject({ ok: false, reason: 'not-found', records: [] });
  const fixed = await two!.ring!.insertValue(null, 'for ever');
  expect((await one!.ring!.getValue(fixed.key)).value).toBe('for ever');
});

test('misuse is told in a sentence, other networks have no ring, and who has left gets no answer', async () => {
  const harness = new SessionHarness();
  const alone = await harness.open({ geometry: 'chord' });
  await expect(alone.ring!.getNode('a', { way: 1 } as never)).rejects.toThrow(TypeError);
  await expect(alone.ring!.insertValue('a', (() => 1) as never)).rejects.toThrow(/plain data/);
  await alone.leave();
  expect(await alone.ring!.getValue('a')).toMatchObject({ ok: false, reason: 'left' });
  expect((await new SessionHarness().open()).ring).toBeUndefined();
});
