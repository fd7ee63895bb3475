import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import Docker from 'dockerode';
import { ensureEngine } from '../../deploy/setup/engine.mjs';
import { bigPackage } from './bigPackage.mjs';
import { median } from './report.mjs';
import { siteServer } from './siteServer.mjs';
import { timed } from './timed.mjs';

const run = promisify(execFile);

/**
 * A package of some 600 MB, from the file until every layer is in the engine, beside the reference's way: `tar -xzf` and `docker load`. Ours
 * is the whole way over the API: import with everything verified and stored, plan, install as far as the images are loaded. Then its second
 * version, of which 4 MB are others, in the same way.
 */
export async function bench({ args, add, say, onEnd }) {
  const { values } = parseArgs({ args, options: { runs: { type: 'string', default: '3' } }, strict: false });
  const times = Number(values.runs);
  const dockerHost = await ensureEngine();
  process.env.DOCKER_HOST = dockerHost;
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  say('makes a package of some 600 MB of real files and its second version …');
  const made = await bigPackage(folder);
  const images = imagesOf(Object.values(made.versions).flatMap((version) => version.images));
  onEnd(() => images.remove());

  const stock = [];
  const first = [];
  const second = [];
  for (let n = 1; n <= times; n += 1) {
    say(`run ${n} of ${times} …`);
    await images.remove();
    stock.push(await stockWay(folder, made.versions['1.0'], images));
    await images.remove();
    const [one, two] = await ourWay(folder, made, images, onEnd);
    first.push(one);
    second.push(two);
  }

  const of = (runs, name) => median(runs.map((each) => each[name]));
  const ratio = (ours) => median(ours.map(({ total }, n) => total / stock[n].total));
  const MB = 1_000_000;
  add({ what: 'size of the content', value: made.bytes / MB, unit: 'MB' });
  add({ what: 'gzip ratio', value: made.packed / made.bytes, unit: '' });
  add({ what: 'tar -xzf', value: of(stock, 'unpack'), unit: 's' });
  add({ what: 'docker load', value: of(stock, 'load'), unit: 's' });
  add({ what: 'first version: read, verified, stored', value: of(first, 'import'), unit: 's' });
  add({ what: 'first version: planned, and its images in the engine', value: of(first, 'load'), unit: 's' });
  add({
    what: 'first version: share of the engine’s loading',
    value: median(first.map(({ load, total }) => load / total)),
    unit: '',
  });
  add({ what: 'first version beside tar -xzf + docker load', value: ratio(first), unit: '', target: { atMost: 0.85 } });
  add({ what: 'second version: read, verified, stored', value: of(second, 'import'), unit: 's' });
  add({ what: 'second version: planned, and its images in the engine', value: of(second, 'load'), unit: 's' });
  add({
    what: 'second version beside tar -xzf + docker load',
    value: ratio(second),
    unit: '',
    target: { atMost: 0.2 },
  });
  add({
    what: 'peak memory of the server',
    value: Math.max(...second.map(({ memory }) => memory)),
    unit: 'MB',
    target: { atMost: 250 },
  });
}

async function stockWay(folder, version, images) {
  const place = join(folder, `unpacked-${randomUUID()}`);
  await mkdir(place);
  await settled();
  const unpack = await timed(() => run('tar', ['-xzf', version.file, '-C', place]));
  const load = await timed(() => run('docker', ['load', '--input', join(place, version.root, 'component-images.tar')]));
  await images.there(version.images);
  await rm(place, { recursive: true });
  return { unpack: unpack.seconds, load: load.seconds, total: unpack.seconds + load.seconds };
}

async function ourWay(folder, { key, versions }, images, onEnd) {
  const site = await siteServer({ importRoot: folder });
  const stop = onEnd(() => site.stop());
  const name = `bench-${randomUUID().slice(0, 8)}`;
  const carried = async ({ file, images: wanted }, kind, version) => {
    await settled();
    const imported = await timed(() => site.import(file));
    let operation;
    const loaded = await timed(async () => {
      if (kind === 'install') await site.create(name, key, version);
      operation = await site.submit(name, await site.plan(name, { kind, version }));
      await Promise.race([images.there(wanted), site.ended(operation)]);
    });
    await site.ended(operation);
    await images.there(wanted);
    const memory = await site.peakMemory();
    return { import: imported.seconds, load: loaded.seconds, total: imported.seconds + loaded.seconds, memory };
  };
  const results = [await carried(versions['1.0'], 'install', '1.0'), await carried(versions['2.0'], 'upgrade', '2.0')];
  await stop();
  return results;
}

/** What was written before is on the disk: its writing is not to slow down what is measured next. */
const settled = () => run('sync');

/** The images of the bench on the engine, by their ids; no others are touched. */
function imagesOf(ids) {
  const docker = new Docker();
  const all = [...new Set(ids)].map((id) => `sha256:${id}`);
  const isThere = (id) =>
    docker
      .getImage(id)
      .inspect()
      .then(() => true, notFound);
  return {
    async remove() {
      for (const id of all) if (await isThere(id)) await docker.getImage(id).remove({ force: true });
    },
    /** Resolves when the engine has these. */
    async there(wanted) {
      for (const id of wanted) while (!(await isThere(`sha256:${id}`))) await pause(10);
    },
  };
}

function notFound(error) {
  if (error.statusCode === 404) return false;
  throw error;
}
