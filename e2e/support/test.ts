/** Playwright's `test` with a signaling server of the test's own. */

import { test as base } from '@playwright/test';
import { SignalingServer } from './server.ts';

/** `server` is started for each test that asks for it and ended after it. */
export const test = base.extend<{ server: SignalingServer }>({
  server: async ({}, use) => {
    const server = await SignalingServer.start();
    await use(server);
    await server.stop();
  },
});

export { expect } from '@playwright/test';
