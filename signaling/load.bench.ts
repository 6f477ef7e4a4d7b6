/** The load check at full size: `npx tsx signaling/load.bench.ts`. Prints its figures as one JSON object. */

import { runLoad } from './load.ts';

const result = await runLoad({ idleClients: 2_000, exchanges: 100, timeMsMax: 120_000 });
console.log(JSON.stringify(result, undefined, 2));
process.exit(result.idleAlive === 2_000 && result.exchangeMsMax < 250 ? 0 : 4);
