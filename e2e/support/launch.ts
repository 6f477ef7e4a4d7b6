/** How the tests start browsers: without sandbox for root, without traffic of their own. */

import type { LaunchOptions } from '@playwright/test';

/** The arguments every Chromium gets. Playwright does not merge feature switches with its own: there are none here. */
export const CHROMIUM_ARGS: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The Chromium that the global setup found. */
export function chromiumOptions(): LaunchOptions {
  const executablePath = process.env['CHROMIUM_PATH'];
  return { args: [...CHROMIUM_ARGS], ...(executablePath === undefined ? {} : { executablePath }) };
}

/** The Firefox that the global setup found, or the sentence that says why there is none. */
export function firefoxOptions(): LaunchOptions | { readonly problem: string } {
  const executablePath = process.env['FIREFOX_PATH'];
  if (executablePath === undefined)
    return { problem: process.env['FIREFOX_PROBLEM'] ?? 'No Firefox was looked for.' };
  return { channel: 'moz-firefox', executablePath };
}
