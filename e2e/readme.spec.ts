/** The README's example is run as a reader would run it: pasted into the console of a tab. */

import { readFileSync } from 'node:fs';
import { Tab } from './support/tab.ts';
import { expect, test } from './support/test.ts';

test('the example of the README runs in the console of a tab and prints what it should', async ({
  context,
  server,
}) => {
  const code = /```js\n(?<code>[\s\S]*?)```/u.exec(readFileSync('README.md', 'utf8'))?.groups?.['code'];
  if (code === undefined) throw new Error('The README has no example in JavaScript.');
  const tab = await Tab.open(context, server.page('room=readme-tab'));
  await tab.waitForState('alone');
  const printed: unknown[][] = [];
  tab.page.on('console', (message) => {
    void Promise.all(message.args().map((arg) => arg.jsonValue())).then((values) => printed.push(values));
  });
  // The console of a tab allows `await` at the top; here the same lines stand in a module of their own.
  const session = await context.newCDPSession(tab.page);
  const outcome = await session.send('Runtime.evaluate', {
    expression: code,
    replMode: true,
    awaitPromise: true,
  });
  expect(outcome.exceptionDetails?.text).toBeUndefined();
  await expect.poll(() => printed.length).toBe(3);
  const [first, second, third] = printed as [unknown[], unknown[], unknown[]];
  expect(first[0]).toBe(true);
  expect(first[1]).toHaveLength(1);
  expect(second[0]).toMatchObject({ got: 'are you there?' });
  expect(third[0]).toEqual({ theme: 'dark' });
});
