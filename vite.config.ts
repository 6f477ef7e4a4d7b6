import { defineConfig } from 'vitest/config';

export default defineConfig({
  // simple-peer is built from source; it expects Node's `global`.
  define: { global: 'globalThis' },
  build: { target: 'es2022', sourcemap: true },
  server: { port: 5173 },
  test: {
    include: ['src/**/*.test.ts', 'signaling/**/*.test.ts', 'e2e/support/**/*.test.ts'],
    passWithNoTests: false,
    testTimeout: 30_000,
  },
});
