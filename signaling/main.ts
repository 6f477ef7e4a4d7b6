/** The signaling server for operators: `tsx signaling/main.ts --help`. It serves a page that is already built. */

import { HELP, parseCommandLine } from './options.ts';
import { runServer } from './run.ts';

const parsed = parseCommandLine(process.argv.slice(2), process.env, 'info');
if (parsed.type === 'help') {
  process.stdout.write(HELP);
} else {
  const started = parsed.type === 'problem' ? parsed : await runServer(parsed.options);
  if ('problem' in started) {
    process.stderr.write(`${started.problem}\n`);
    process.exitCode = 1;
  }
}
