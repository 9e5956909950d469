// Loaded into the manager by a benchmark with `node --import`: writes the event loop's lag since the last
// SIGUSR2, p99 in ms, into the file that LOOP_LAG_FILE names.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.LOOP_LAG_FILE;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  // Renamed, so that nobody reads half a number.
  writeFileSync(`${file}.new`, String(delay.percentile(99) / 1e6));
  renameSync(`${file}.new`, file);
  delay.reset();
});
