import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deep, hostileCases, type HostileCase } from '@waybill/packaging/testing/hostile';
import { call } from '../support/call.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Ended } from '../support/site.js';

/** At the server's own limits. Every tenth in `npm test`, and each that asks for much. */
const usual = hostileCases.filter(([, , , limits]) => limits === undefined);
const chosen: readonly HostileCase[] = deep
  ? usual
  : usual.filter(([title], i) => i % 10 === 0 || /million|thousand|megabyte|as m|MiB|bomb|nested/.test(title));

let server: TestServer;
let folder: string;
const here = site(() => server);

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
});
afterAll(cleanServers);

it('a server that is given one hostile package after the other keeps nothing, answers all the while and stays small', async () => {
  const before = await peakMemory();
  const pulse = takePulse();
  const tally = { refused: 0, kept: 0 };
  const wrong: unknown[] = [];
  let most = { title: 'none', grown: 0 };

  for (const [title, expected, build] of chosen) {
    const earlier = await peakMemory();
    const path = join(folder, 'hostile-ram.tar.gz');
    await writeFile(path, await build());
    const { id, operation } = await here.ask<{ id: string; operation: string }>('POST', '/imports', { path });
    const outcome = outcomeOf(await here.ended(operation));
    if (outcome === 'kept') await here.ask('DELETE', `/imports/${id}`);
    tally[outcome === 'kept' ? 'kept' : 'refused'] += 1;
    if (outcome !== expected.replace(/:.*$/, '')) wrong.push([title, expected, outcome]);
    const grown = (await peakMemory()) - earlier;
    if (grown > most.grown) most = { title, grown };
  }

  const { answers, slowest } = await pulse.end();
  const peak = await peakMemory();
  process.stdout.write(
    `${chosen.length} hostile packages at the server: ${tally.refused} refused, ${tally.kept} harmless and given up, 0 stored; ` +
      `peak memory ${megabytes(peak)} MB (${megabytes(before)} MB before; most for "${most.title}": ${megabytes(most.grown)} MB more); ` +
      `${answers} answers of /health/live meanwhile, the slowest after ${Math.round(slowest)} ms\n`,
  );
  expect(wrong).toEqual([]);
  // What an import had staged goes right after its end was written.
  await expect.poll(stored).toEqual([]);
  expect(await here.ask('GET', '/templates')).toEqual({ items: [] });
  expect(slowest).toBeLessThan(5_000);
  expect((await call(server, 'GET', '/api/v1/health/ready', { token: null })).status).toBe(200);
  expect(linesWithControls(server.logs())).toEqual([]);
}, 3_600_000);

function outcomeOf({ state, detail, failure }: Ended): string {
  return state === 'waiting'
    ? 'kept'
    : detail === 'refused'
      ? (failure?.code ?? 'without a code')
      : `${state} ${detail}`;
}

/** Files of the content store, staged ones and uploads. */
async function stored(): Promise<readonly string[]> {
  const found = await Promise.all(
    ['content', 'uploads'].map((name) => readdir(join(server.data, name), { recursive: true, withFileTypes: true })),
  );
  return found
    .flat()
    .filter((entry) => entry.isFile() || entry.parentPath.endsWith('staging'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The most memory that the server has had at one time since it was started, in bytes. */
async function peakMemory(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);

/** Asks for a sign of life over and over. */
function takePulse() {
  let [answers, slowest, stopped] = [0, 0, false];
  // A connection each: one that is kept may be closed by the server just when it is used again.
  const headers = { connection: 'close' };
  const done = (async () => {
    while (!stopped) {
      const began = performance.now();
      expect((await fetch(`${server.url}/api/v1/health/live`, { headers })).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - began);
      answers += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    end: async () => {
      stopped = true;
      await done;
      return { answers, slowest };
    },
  };
}

/** Lines of a log that hold what a terminal would obey, or that are none of the log's. */
const linesWithControls = (log: string) => log.split('\n').filter((line) => /[\p{Cc}\p{Bidi_Control}]/u.test(line));
