import { processSurroundings } from './processSurroundings.js';
import { run } from './run.js';

// Output that nobody reads any more (`waybill list | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2), processSurroundings());
