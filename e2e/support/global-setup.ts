/** Before the first test: the browsers are found (and installed where that is possible) and the page is there. */

import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { findBrowser, thisMachine } from './find-browser.ts';

/** The worker processes inherit what is put into the environment here; playwright.config.ts reads it there. */
export default function setUp(): void {
  if (!existsSync('dist/index.html')) throw new Error('The page is not built: run "npm run build" first.');
  const machine = thisMachine((name) => (name === 'chromium' ? chromium.executablePath() : undefined));
  const found = findBrowser('chromium', machine);
  if ('problem' in found) throw new Error(found.problem);
  process.env['CHROMIUM_PATH'] = found.path;
  const firefox = findBrowser('firefox', machine);
  if ('path' in firefox) process.env['FIREFOX_PATH'] = firefox.path;
  else process.env['FIREFOX_PROBLEM'] = firefox.problem;
}
