import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Surroundings, Terminal } from './surroundings.js';

/** The surroundings of a real process. */
export const processSurroundings = (): Surroundings => ({
  terminal: processTerminal(),
  env: process.env,
  workingFolder: process.cwd(),
  fetch: globalThis.fetch,
  randomId: randomUUID,
  now: () => performance.now(),
  pause: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
  onInterrupt(listener) {
    let before = false;
    // Stays in place while it is called: libraries that clean up at the end take a process without a listener for one that dies.
    const heard = () => {
      if (before) process.exit(130);
      before = true;
      listener();
    };
    process.on('SIGINT', heard);
    return () => process.off('SIGINT', heard);
  },
});

function processTerminal(): Terminal {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    get columns() {
      // Some terminals do not say how wide they are, and some cannot write over a line.
      return process.stderr.isTTY && process.env['TERM'] !== 'dumb' ? process.stderr.columns || 80 : undefined;
    },
    async ask(question) {
      const reader = createInterface({ input: process.stdin, output: process.stderr });
      // Ctrl-C and Ctrl-D are a no.
      const closed = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)));
      reader.once('SIGINT', () => reader.close());
      try {
        const answer = await Promise.race([reader.question(question), closed]);
        if (answer === undefined) process.stderr.write('\n');
        return answer ?? '';
      } finally {
        reader.close();
      }
    },
  };
}
