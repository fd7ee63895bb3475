import { link, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureEngine } from '../../deploy/setup/engine.mjs';
import { bigPackage } from './bigPackage.mjs';
import { carriedIn } from './carriedIn.mjs';
import { bytesIn, peakOf } from './diskUse.mjs';
import { imagesOf } from './engineImages.mjs';
import { median } from './report.mjs';
import { siteServer } from './siteServer.mjs';
import { gzippedSize, largestFile, putIntoEngine, settled, stockExport, stockImport } from './stockTools.mjs';
import { timed } from './timed.mjs';

const MB = 1_000_000;

/**
 * An application of some 600 MB and its second version, of which 4 MB are others, from the vendor's engine into a package of the waybill format
 * and from there into the engine of a site, beside the reference's ways: `docker save` and `tar -czf`, `tar -xzf` and `docker load`.
 */
export async function bench({ args, add, say, onEnd }) {
  const { values } = parseArgs({ args, options: { runs: { type: 'string', default: '3' } }, strict: false });
  const times = Number(values.runs);
  process.env.DOCKER_HOST = await ensureEngine();
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  say('makes images of some 600 MB of real files and their second version …');
  const made = await bigPackage(folder, { packed: false });
  const images = imagesOf(Object.values(made.versions).flatMap((version) => version.images));
  onEnd(() => images.remove());
  const changed = await gzippedSize(made.changed);

  const runs = [];
  for (let n = 1; n <= times; n += 1) {
    say(`run ${n} of ${times}: out of the engine …`);
    const out = await wayOut(folder, made, images, onEnd);
    say(`run ${n} of ${times}: into the engine …`);
    runs.push({ ...out, ...(await wayIn(folder, made, images, out, onEnd)) });
  }

  const of = (figure) => median(runs.map(figure));
  const seconds = (what, figure) => add({ what, value: of(figure), unit: 's' });
  const beside = (what, figure, atMost) => add({ what, value: of(figure), unit: '', target: { atMost } });
  add({ what: 'size of the content', value: made.bytes / MB, unit: 'MB' });
  add({ what: 'size of docker save + tar -czf', value: of((run) => run.stockSize) / MB, unit: 'MB' });
  add({ what: 'size of the package', value: of((run) => run.size) / MB, unit: 'MB' });
  seconds('docker save', (run) => run.stockOut.save);
  seconds('tar -czf', (run) => run.stockOut.pack);
  seconds('published from the engine', (run) => run.first.publish);
  seconds('exported', (run) => run.first.export);
  beside('published and exported beside docker save + tar -czf', (run) => run.first.total / run.stockOut.total, 0.4);
  beside('exported again beside it', (run) => run.again / run.stockOut.total, 0.04);
  seconds('exported a third time, while an equal package is kept', (run) => run.twin);
  beside('exported as ram beside it', (run) => run.ram / run.stockOut.total, 0.04);
  seconds('version 2 published from the engine', (run) => run.second.publish);
  beside('version 2 published and exported beside it', (run) => run.second.total / run.stockOut.total, 0.22);
  beside('version 2 exported again beside it', (run) => run.secondAgain / run.stockOut.total, 0.04);
  beside('size of the delta beside the layer in it', (run) => run.deltaSize / run.layerSize, 1.02);
  add({ what: 'size of the delta beside its layer by gzip', value: of((run) => run.deltaSize / changed), unit: '' });
  beside('disk beyond packages and layers, at its most', (run) => run.beyond, 0.05);
  seconds('tar -xzf', (run) => run.stockIn.unpack);
  seconds('docker load', (run) => run.stockIn.load);
  seconds('imported', (run) => run.full.import);
  seconds('planned, and its images in the engine', (run) => run.full.load);
  beside(
    'imported until in the engine beside tar -xzf + docker load',
    (run) => run.full.total / run.stockIn.total,
    0.75,
  );
  seconds('delta imported', (run) => run.delta.import);
  seconds('delta planned, and its images in the engine', (run) => run.delta.load);
  beside('delta beside the full import, both until in the engine', (run) => run.delta.total / run.full.total, 0.05);
  beside('delta beside the full import, both until in the library', (run) => run.delta.import / run.full.import, 0.05);
  const memory = (what, figure) =>
    add({ what, value: Math.max(...runs.map(figure)), unit: 'MB', target: { atMost: 250 } });
  memory('peak memory of the vendor’s server', (run) => run.vendorMemory);
  memory('peak memory of the site’s server', (run) => run.delta.memory);
}

async function wayOut(folder, { key, versions }, images, onEnd) {
  await images.remove();
  await putIntoEngine(folder, versions['1.0']);
  const stockOut = await stockExport(folder, versions['1.0']);
  const vendor = await siteServer({ importRoot: folder });
  const stop = onEnd(() => vendor.stop());
  const published = (version) =>
    vendor.ask('POST', '/templates', { metadata: versions[version].metadata, images: [{ from: 'engine' }] });
  const exported = (version, more = {}) => vendor.export({ template: key, version, ...more });
  const both = async (version) => {
    await settled();
    const { result, peak } = await peakOf(vendor.data, async () => {
      const publish = await timed(() => published(version));
      const written = await timed(() => exported(version));
      return { publish: publish.seconds, export: written.seconds, package: written.result };
    });
    const kept = await bytesIn(join(vendor.data, 'content'));
    return { ...result, total: result.publish + result.export, beyond: (peak - kept) / kept };
  };
  const measured = async (work) => {
    await settled();
    return timed(work);
  };
  const packages = {};
  const keep = async (version, { path }) => {
    packages[version] = join(folder, `${key}-${version}.waybill`);
    await rm(packages[version], { force: true });
    await link(path, packages[version]);
  };
  const first = await both('1.0');
  await keep('1.0', first.package);
  // Else it would not be written again, but given another name.
  await vendor.ask('DELETE', `/exports/${first.package.id}`);
  const again = await measured(() => exported('1.0'));
  const twin = await measured(() => exported('1.0'));
  const ram = await measured(() => exported('1.0', { format: 'ram' }));
  await putIntoEngine(folder, versions['2.0']);
  const second = await both('2.0');
  await vendor.ask('DELETE', `/exports/${second.package.id}`);
  const secondAgain = await measured(() => exported('2.0'));
  const delta = await exported('2.0', { baseVersion: '1.0' });
  await keep('2.0', delta);
  const result = {
    stockOut,
    stockSize: (await stat(versions['1.0'].file)).size,
    size: first.package.size,
    first,
    again: again.seconds,
    twin: twin.seconds,
    ram: ram.seconds,
    second,
    secondAgain: secondAgain.seconds,
    deltaSize: delta.size,
    layerSize: await largestFile(delta.path),
    beyond: Math.max(first.beyond, second.beyond),
    vendorMemory: await vendor.peakMemory(),
    packages,
    trust: {
      roots: JSON.parse(await readFile(join(vendor.data, 'publisher-roots.json'), 'utf8')),
      fingerprint: delta.signer.publisher,
    },
  };
  await stop();
  return result;
}

async function wayIn(folder, { key, versions }, images, { packages, trust }, onEnd) {
  await images.remove();
  const stockIn = await stockImport(folder, versions['1.0'], images);
  await images.remove();
  const site = await siteServer({ importRoot: folder });
  const stop = onEnd(() => site.stop());
  await site.ask('POST', '/trust', trust);
  const carried = carriedIn(site, key, images);
  const full = await carried({ ...versions['1.0'], file: packages['1.0'] }, '1.0');
  const delta = await carried({ ...versions['2.0'], file: packages['2.0'] }, '2.0');
  await stop();
  return { stockIn, full, delta };
}
