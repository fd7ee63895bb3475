import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MiB = 1024 ** 2;
const FIXTURE = join(import.meta.dirname, '../fixtures/backend-system-1.0-ram.tar.gz');
/** Where a Linux machine keeps programs, libraries and texts: what the layers of real images are made of. */
const PLACES = ['/usr/lib', '/usr/bin', '/usr/share', '/usr/sbin'];

/**
 * Two versions of an application of some 600 MB in the reference system's format, in a folder: two images of real files of this machine, and
 * of version 2 one layer of 4 MB is another. Nothing of it was on any engine before, since every layer holds a file of its own.
 * `packed: false` leaves the folders as they are, to be packed by whoever measures that.
 * @returns {Promise<{key: string, bytes: number, changed: string, versions: Record<string, {root: string, file: string, images: string[], references: string[], metadata: object}>}>}
 * `root` is the folder in the file, `changed` the layer that only version 2 has
 */
export async function bigPackage(folder, { layerMiB = [300, 290], changedMiB = 4, packed = true } = {}) {
  const key = `bench-${randomUUID()}`;
  const files = filesOf(PLACES);
  const layer = async (name, mebibytes) => layerOf(folder, name, await take(files, mebibytes * MiB));
  const busybox = await busyboxLayers(folder);
  const base = await layer('base', layerMiB[0]);
  // From among the others, so that they are neither programs nor texts alone.
  const changing = { '1.0': await layer('changing-1', changedMiB), '2.0': await layer('changing-2', changedMiB) };
  const other = await layer('other', layerMiB[1]);
  const worker = await image([...busybox, other]);
  const versions = {};
  for (const [version, top] of Object.entries(changing)) {
    const images = { app: await image([...busybox, base, top]), worker };
    const apps = Object.keys(images).map((name) => component(name, { share_image: referenceOf(key, name, version) }));
    const root = await contentsOf(folder, { key, version, images, apps });
    versions[version] = {
      root,
      file: join(folder, `${root}.tar.gz`),
      images: Object.values(images).map(({ id }) => id),
      references: apps.map(({ share_image }) => share_image),
      metadata: metadata(key, version, apps),
    };
  }
  if (packed) await Promise.all(Object.values(versions).map((version) => packedBy(folder, version)));
  const layers = [...busybox, base, other, changing['1.0']];
  return { key, bytes: layers.reduce((sum, { size }) => sum + size, 0), changed: changing['2.0'].tar, versions };
}

const packedBy = (folder, { root, file }) => run('tar', ['-czf', file, '-C', folder, root]);

/** A package of these components in the reference system's format, all of one small image. `more(n)` is written over the nth. */
export async function smallPackage(folder, { key, version, components, more }) {
  const images = { small: await image(await busyboxLayers(folder)) };
  const share_image = referenceOf(key, 'small', version);
  const apps = Array.from({ length: components }, (_, n) => component(`part-${n}`, { share_image, ...more(n) }));
  const root = await contentsOf(folder, { key, version, images, apps });
  const file = join(folder, `${root}.tar.gz`);
  await run('tar', ['-czf', file, '-C', folder, root]);
  return file;
}

async function* filesOf(folders) {
  for (const folder of folders) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* filesOf([path]);
      else if (entry.isFile()) yield path;
    }
  }
}

/** The next files that together have so many bytes. */
async function take(files, bytes) {
  const taken = [];
  let missing = bytes;
  while (missing > 0) {
    const { value: path, done } = await files.next();
    if (done) throw new Error(`${PLACES.join(', ')} hold too few files for this bench`);
    const { size } = await stat(path);
    if (size === 0 || size > missing + 8 * MiB || path.includes('\n')) continue;
    taken.push(path);
    missing -= size;
  }
  return taken;
}

async function layerOf(folder, name, files) {
  const place = join(folder, 'layers', name);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'own'), randomUUID());
  await writeFile(join(place, 'list'), files.map((file) => file.slice(1)).join('\n'));
  const tar = join(place, 'layer.tar');
  // Below a folder of its own, so that nothing stands in the place of busybox's tools.
  await run('tar', [
    '-cf',
    tar,
    '--owner=0',
    '--group=0',
    '--transform=s,^,content/,',
    '-C',
    place,
    'own',
    '-C',
    '/',
    '-T',
    join(place, 'list'),
  ]);
  return described(tar);
}

/** The lowest layers of the fixture: busybox, so that containers of the images run. */
async function busyboxLayers(folder) {
  const place = join(folder, 'busybox');
  await mkdir(place, { recursive: true });
  await run('tar', ['-xzf', FIXTURE, '-C', place, '--strip-components=1']);
  await run('tar', ['-xf', join(place, 'component-images.tar'), '-C', place]);
  const [first] = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8'));
  return Promise.all(first.Layers.slice(0, 2).map((name) => described(join(place, name))));
}

async function described(tar) {
  return { tar, size: (await stat(tar)).size, diffId: await sha256Of(createReadStream(tar)) };
}

async function sha256Of(source) {
  const hash = createHash('sha256');
  await pipeline(source, hash);
  return hash.digest('hex');
}

async function image(layers) {
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    config: { Env: ['PATH=/bin'], Cmd: ['/bin/sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'] },
    history: layers.map(() => ({ created: '2026-01-01T00:00:00Z', created_by: 'bench' })),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) },
  });
  return { layers, config, id: createHash('sha256').update(config).digest('hex') };
}

/** What the reference system's exporter packs by `tar -czf`: `docker save` of all images, and the metadata. */
async function contentsOf(folder, { key, version, images, apps }) {
  const root = `${key}-${version}-ram`;
  const place = join(folder, root);
  const archive = join(folder, `archive-${version}`);
  await mkdir(place);
  await mkdir(archive);
  const list = [];
  for (const [name, { id, config, layers }] of Object.entries(images)) {
    await writeFile(join(archive, `${id}.json`), config);
    list.push({ Config: `${id}.json`, RepoTags: [referenceOf(key, name, version)], Layers: layers.map(layerName) });
    for (const layer of layers) await addLayer(archive, layer);
  }
  await writeFile(join(archive, 'manifest.json'), JSON.stringify(list));
  const names = await readdir(archive);
  await run('tar', ['-cf', join(place, 'component-images.tar'), '-C', archive, ...names.sort()]);
  await writeFile(join(place, 'metadata.json'), JSON.stringify(metadata(key, version, apps)));
  return root;
}

const layerName = ({ diffId }) => `${diffId}/layer.tar`;

async function addLayer(archive, { diffId, tar }) {
  const place = join(archive, diffId);
  if ((await mkdir(place, { recursive: true })) === undefined) return;
  await writeFile(join(place, 'VERSION'), '1.0');
  await writeFile(join(place, 'json'), JSON.stringify({ id: diffId, os: 'linux' }));
  await link(tar, join(place, 'layer.tar'));
}

const referenceOf = (key, name, version) => `bench.invalid/${key}/${name}:${version}`;

const metadata = (key, version, apps) => ({
  group_key: key,
  group_name: key,
  group_version: version,
  template_version: 'v2',
  apps,
});

/** A component as the reference system writes one. */
export const component = (name, more) => ({
  service_id: name,
  service_key: name,
  service_share_uuid: `${name}+${name}`,
  service_cname: name,
  service_source: 'docker_image',
  share_type: 'image',
  extend_method: 'stateless_multiple',
  memory: 64,
  cpu: 0,
  port_map_list: [],
  service_env_map_list: [],
  service_connect_info_map_list: [],
  service_volume_map_list: [],
  mnt_relation_list: [],
  dep_service_map_list: [],
  probes: [],
  ...more,
});
