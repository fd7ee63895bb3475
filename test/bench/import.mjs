import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureEngine } from '../../deploy/setup/engine.mjs';
import { bigPackage } from './bigPackage.mjs';
import { carriedIn } from './carriedIn.mjs';
import { imagesOf } from './engineImages.mjs';
import { median } from './report.mjs';
import { siteServer } from './siteServer.mjs';
import { stockImport } from './stockTools.mjs';

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
    stock.push(await stockImport(folder, made.versions['1.0'], images));
    await images.remove();
    const [one, two] = await ourWay(folder, made, images, onEnd);
    first.push(one);
    second.push(two);
  }

  const of = (runs, name) => median(runs.map((each) => each[name]));
  const ratio = (ours) => median(ours.map(({ total }, n) => total / stock[n].total));
  const MB = 1_000_000;
  add({ what: 'size of the content', value: made.bytes / MB, unit: 'MB' });
  add({ what: 'gzip ratio', value: (await stat(made.versions['1.0'].file)).size / made.bytes, unit: '' });
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

async function ourWay(folder, { key, versions }, images, onEnd) {
  const site = await siteServer({ importRoot: folder });
  const stop = onEnd(() => site.stop());
  const carried = carriedIn(site, key, images);
  const results = [await carried(versions['1.0'], '1.0'), await carried(versions['2.0'], '2.0')];
  await stop();
  return results;
}
