import { join } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** What is loaded when it is first asked for. */
const ON_DEMAND =
  /\/ui\/(chord|dialogs|store|trouble)\/|\/geometry\/chord\/|\/core\/ring\/|\/session\/ring-|\/core\/id\/ring\.|\/uqr\/|\/store-reasons|\/admission\/(checker|work)|\/work-search/;

const STREAM_EXTRAS = join(import.meta.dirname, 'src/transport/webrtc/unused/stream-extras.cjs');

/** Takes the indentation out of styles, and out of markup: minifiers leave template literals as they are. */
const flatTemplates: Plugin = {
  name: 'flat-templates',
  apply: 'build',
  enforce: 'pre',
  // Lines stay where they are, so the source map holds.
  transform: (code, id) =>
    /\/src\/ui\/.*\.ts$/.test(id) ? { code: code.replaceAll(/\n[ \t]+/g, '\n'), map: null } : undefined,
};

export default defineConfig({
  plugins: [flatTemplates],
  // simple-peer is built from source; it expects Node's `global`.
  define: { global: 'globalThis' },
  // What simple-peer brings along and never uses here would be a part of each first load.
  resolve: {
    alias: {
      'base64-js': join(import.meta.dirname, 'src/transport/webrtc/unused/base64-js.cjs'),
      debug: join(import.meta.dirname, 'src/transport/webrtc/unused/debug.cjs'),
      ieee754: join(import.meta.dirname, 'src/transport/webrtc/unused/ieee754.cjs'),
      './internal/streams/async_iterator': STREAM_EXTRAS,
      './lib/internal/streams/end-of-stream.js': STREAM_EXTRAS,
      './lib/internal/streams/pipeline.js': STREAM_EXTRAS,
      './lib/_stream_transform.js': STREAM_EXTRAS,
      './lib/_stream_passthrough.js': STREAM_EXTRAS,
      'string_decoder/': join(import.meta.dirname, 'src/transport/webrtc/unused/string-decoder.cjs'),
    },
  },
  build: {
    target: 'es2022',
    sourcemap: true,
    // All that the first view needs is one file: cut up by what else shares it, it is larger, and parts escape the budget.
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'index', test: (id: string) => !ON_DEMAND.test(id) }] },
      },
    },
  },
  server: { port: 5173 },
  test: {
    passWithNoTests: false,
    testTimeout: 30_000,
    projects: [
      // In virtual time nothing depends on how busy the machine is.
      {
        extends: true,
        test: {
          name: 'virtual',
          include: ['src/{core,sim}/**/*.test.ts'],
          maxWorkers: 2,
          // Some let a hundred nodes live for minutes.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      // Sockets and timers get it for themselves.
      {
        extends: true,
        test: {
          name: 'real',
          include: ['src/**/*.test.ts', 'signaling/**/*.test.ts', 'e2e/support/**/*.test.ts'],
          exclude: ['src/{core,sim}/**'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
