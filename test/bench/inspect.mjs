import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers';
import { parseArgs, promisify } from 'node:util';
import { bigPackage } from './bigPackage.mjs';
import { median } from './report.mjs';
import { siteServer } from './siteServer.mjs';
import { timed } from './timed.mjs';

const run = promisify(execFile);
const WAYBILL = join(import.meta.dirname, '../../apps/cli/bin/waybill.mjs');
const BARE = join(import.meta.dirname, 'bareVerify.mjs');
const ALONE = join(import.meta.dirname, 'verifyAlone.mjs');

/**
 * `waybill inspect` of a package of some 600 MB, from the start of the program to its end, the look alone and with `--verify`; and the verification
 * itself beside a bare loop of node that gunzips and hashes the same layers on one core. `--runs 1` measures once instead of three times.
 */
export async function bench({ args, add, say, onEnd }) {
  const { values } = parseArgs({ args, options: { runs: { type: 'string', default: '3' } }, strict: false });
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  say('makes a package of some 600 MB of real files, and exports it …');
  const { path, bytes, packed } = await exportedPackage(folder, onEnd);
  const cores = availableParallelism();
  const runs = { look: [], bare: [], alone: [], verify: [] };
  for (let n = 1; n <= Number(values.runs); n += 1) {
    say(`run ${n} of ${values.runs} …`);
    runs.look.push(await ended(process.execPath, [WAYBILL, 'inspect', path]));
    // All of its threads on one core: that is what a core can do.
    runs.bare.push(JSON.parse((await run('taskset', ['-c', '0', process.execPath, BARE, path])).stdout));
    runs.alone.push(JSON.parse((await run(process.execPath, [ALONE, path])).stdout));
    runs.verify.push(await ended(process.execPath, [WAYBILL, 'inspect', path, '--verify', '--quiet']));
  }
  const of = (name, what) => median(runs[name].map((each) => each[what]));
  const MB = 1_000_000;
  add({ what: 'size of the package', value: packed / MB, unit: 'MB' });
  add({ what: 'size of its layers', value: bytes / MB, unit: 'MB' });
  add({ what: 'inspect', value: of('look', 'seconds'), unit: 's', target: { atMost: 0.5 } });
  add({ what: 'gunzip + sha256 on one core', value: of('bare', 'seconds'), unit: 's' });
  add({ what: 'verification alone', value: of('alone', 'seconds'), unit: 's' });
  add({ what: 'inspect --verify', value: of('verify', 'seconds'), unit: 's' });
  add({
    what: `verification, per core of ${cores}, beside that loop`,
    value: median(runs.alone.map(({ seconds }, n) => runs.bare[n].seconds / seconds / cores)),
    unit: '',
    target: { atLeast: 0.9 },
  });
  add({
    what: 'peak memory of inspect --verify',
    value: Math.max(...runs.verify.map(({ memory }) => memory)),
    unit: 'MB',
    target: { atMost: 250 },
  });
}

async function exportedPackage(folder, onEnd) {
  const { key, bytes, versions } = await bigPackage(folder);
  const site = await siteServer({ importRoot: folder });
  onEnd(() => site.stop());
  await site.import(versions['1.0'].file);
  const { path, size } = await site.export({ template: key, version: '1.0' });
  return { path, bytes, packed: size };
}

/** Runs a program to its end: seconds and the most memory it had, in MB. */
async function ended(program, args) {
  let memory = 0;
  const { seconds } = await timed(
    () =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
        const watch = setInterval(async () => {
          const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
          memory = Math.max(memory, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000);
        }, 20);
        child.once('error', reject);
        child.once('exit', (code) => {
          watch.close();
          if (code === 0) resolve();
          else reject(new Error(`${program} ${args.join(' ')} ended with ${code}`));
        });
      }),
  );
  return { seconds, memory };
}
