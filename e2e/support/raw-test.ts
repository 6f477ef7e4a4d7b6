/** The tests' `test` with a browser of its own whose tabs are really hidden unless in front. */

import { RawBrowser } from './raw-browser.ts';
import { test as base } from './test.ts';

/** `raw` is started for each test that asks for it and ended after it. */
export const test = base.extend<{ raw: RawBrowser }>({
  raw: async ({}, use) => {
    const raw = await RawBrowser.launch();
    await use(raw);
    await raw.close();
  },
});
