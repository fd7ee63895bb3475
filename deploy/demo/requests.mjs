import http from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE = 5_000;

/** One GET over a connection of its own. Resolves to the body, rejects for any answer but 200. */
export const get = (url) =>
  new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8').trim();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`status ${String(response.statusCode)}`));
      });
    });
    request.setTimeout(PATIENCE, () => request.destroy(new Error(`no answer within ${String(PATIENCE)} ms`)));
    request.on('error', reject);
  });

/** Asks again every few milliseconds until it is told to stop; counts what was answered and what was not. */
export function keepAsking(url, everyMs = 5) {
  const seen = { requests: 0, failed: 0, longestGap: 0, answers: new Map(), reasons: new Map() };
  let going = true;
  let last = performance.now();
  const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const asking = (async () => {
    while (going) {
      seen.requests += 1;
      try {
        count(seen.answers, await get(url));
        const now = performance.now();
        seen.longestGap = Math.max(seen.longestGap, now - last);
        last = now;
      } catch (error) {
        seen.failed += 1;
        count(seen.reasons, error.code ?? error.message);
      }
      await pause(everyMs);
    }
  })();
  return {
    async stop() {
      going = false;
      await asking;
      return seen;
    },
  };
}
