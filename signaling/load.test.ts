import { expect, test } from 'vitest';
import { runLoad } from './load.ts';

test(
  '[SG15] idle clients and a flood leave an honest pair its offer and answer within 250 ms',
  { timeout: 60_000 },
  async () => {
    const result = await runLoad({ idleClients: 200, exchanges: 20, timeMsMax: 40_000 });
    expect(result.idleAlive).toBe(200);
    expect(result.exchanges).toBe(20);
    expect(result.floodCuts).toBeGreaterThan(0);
    expect(result.exchangeMsP99).toBeLessThan(250);
    expect(result.loginBytesMean).toBeLessThan(1_500);
  },
);
