import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasCode } from '@waybill/kernel';
import { buildImage } from '../testing/buildImage.js';
import { buildRamPackage, ramMetadata } from '../testing/buildRamPackage.js';
import { buildRamZip } from '../testing/buildRamZip.js';
import { useRamStore } from '../testing/ramStore.js';

const base = { 'etc/base': 'base' };
const db = buildImage({ references: ['db:5.7'], layers: [base, { 'db/data': 'd'.repeat(9000) }] });
const web = buildImage({ references: ['goodrain.me/web:1'], layers: [base, { 'web/index.html': 'hello' }] });
/** In the words of packages from before 5.3: short names of images, an old name of the deploy type, keys as dependencies, null for lists. */
const old = { extend_method: 'stateless', extend_method_map: undefined, probes: null, mnt_relation_list: null };
const metadata = ramMetadata({
  name: '商城 shop',
  components: [
    {
      key: 'db',
      name: '数据库',
      image: 'goodrain.me/team/db:5.7',
      more: { ...old, extend_method: 'state', service_extend_method: { min_node: 1, init_memory: 256 } },
    },
    { key: 'web', image: 'hub.example/ns/web:1', more: { ...old, dep_service_map_list: [{ dep_service_key: 'db' }] } },
  ],
});
const folder = '商城 shop-1.0';
const zip = buildRamZip({
  metadata,
  images: { 数据库: db, web },
  files: { '数据库/etc/my.cnf': '[mysqld]\n' },
  folder,
});

describe('a package from before 5.3', () => {
  const store = useRamStore();

  it('is read as the same version as one of today, its images by their short names', async () => {
    const path = join(store.folder(), 'shop-1.0.zip');
    await writeFile(path, zip);
    const found = await store.read(path);
    expect(found.images.map(({ config }) => config).sort()).toEqual([db.id, web.id].sort());
    expect(
      found.manifest.components.map(({ key, image, workload, dependencies, resources }) => ({
        key,
        image: image?.config,
        workload,
        dependencies,
        memory: resources.memoryMiB,
      })),
    ).toEqual([
      { key: 'db', image: db.id, workload: { kind: 'stateful' }, dependencies: [], memory: 256 },
      { key: 'web', image: web.id, workload: { kind: 'service' }, dependencies: ['db'], memory: 64 },
    ]);
    expect(found.notices.filter(({ code }) => code === 'unknown-entry').map(({ subject }) => subject)).toEqual([
      `${folder}/数据库/etc/my.cnf`,
    ]);
    const today = join(store.folder(), 'today.tar.gz');
    await writeFile(today, await buildRamPackage({ metadata, images: [db, web] }));
    expect((await store.read(today)).manifestDigest).toBe(found.manifestDigest);
  });

  it('is exported as one of today, which is imported as the same version', async () => {
    const path = join(store.folder(), 'shop-1.0.zip');
    await writeFile(path, zip);
    const first = await store.read(path);
    const again = await store.read(await store.write(first));
    expect(again.manifestDigest).toBe(first.manifestDigest);
    expect(again.manifest).toEqual(first.manifest);
  });

  it('with a bit flipped anywhere is refused, and called damaged or cut short where that is all it is', async () => {
    const path = join(store.folder(), 'x.zip');
    const step = Math.ceil(zip.length / 60);
    for (let at = 0; at < zip.length; at += step) {
      const bytes = Buffer.from(zip);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      await writeFile(path, bytes);
      const outcome = await store.read(path).then(
        (found) => found.manifestDigest,
        (error: unknown) => error,
      );
      // Times and the version of the writer say nothing of the content.
      if (typeof outcome !== 'string') expect(hasCode(outcome, 'internal')).toBe(false);
      else expect(outcome).toBe((await store.read(path)).manifestDigest);
    }
  });
});
