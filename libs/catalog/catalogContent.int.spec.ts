import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, hexOf, templateKey, type CanonicalValue } from '@waybill/kernel';
import { catalogReader } from './read/catalogReader.js';
import { GetVersion, ListImports, ListMissingContent, ListTemplates, ListVersions } from './read/queries.js';
import type { VersionPlace } from './read/versions.js';
import { repack, unpack } from './testing/packages.js';
import { failure, key, useSite } from './testing/useSite.js';

const { disk, importFile, restart, site } = useSite();

describe('lost content', () => {
  it('is listed with what it blocks and what brings it back, and comes back by importing the package again', async () => {
    const first = await importFile('1.0.tar.gz');
    expect(await site().ask(new ListMissingContent())).toStrictEqual([]);
    await restart(() => rm(disk().content, { recursive: true }));

    const [missing, ...others] = await site().ask(new ListMissingContent());
    expect(others).toStrictEqual([]);
    expect(missing).toMatchObject({
      template: key,
      version: '1.0',
      restoredBy: { name: '1.0.tar.gz', digest: first.inspection?.file.digest },
    });
    expect(missing?.blocks).toStrictEqual(['install', 'export']);
    expect([missing?.missing.layers.length, missing?.missing.blobs.length]).toStrictEqual([4, 2]);
    const details = await site().ask(new GetVersion(key, '1.0'));
    expect(details.images.map(({ complete }) => complete)).toStrictEqual([false, false]);

    const again = await importFile('1.0.tar.gz');
    expect(again).toMatchObject({ stored: { layers: 4, blobs: 2 }, result: { outcome: 'already-present' } });
    expect(await site().ask(new ListMissingContent())).toStrictEqual([]);
    expect((await site().ask(new GetVersion(key, '1.0'))).images.every(({ complete }) => complete)).toBe(true);
  });

  it('is listed in parts, each behind the place where the one before ended', async () => {
    for (const version of ['1.0', '2.0']) await importFile(`${version}.tar.gz`);
    await restart(() => rm(disk().content, { recursive: true }));
    const whole = await site().ask(new ListMissingContent());
    expect(whole.map(({ version }) => version)).toStrictEqual(['1.0', '2.0']);
    const part = (after?: VersionPlace) => site().ask(new ListMissingContent({ limit: 1, after }));
    expect([await part(), await part(whole[0]), await part(whole[1])]).toStrictEqual([[whole[0]], [whole[1]], []]);
    await expect(part({ template: key, version: 'none' })).rejects.toStrictEqual(failure('cursor-invalid'));
  });
});

describe('images of parts that are only carried', () => {
  it('are stored as well, and block the export alone when they are lost', async () => {
    const plugin = { plugin_key: 'mesh', plugin_name: 'mesh', share_image: 'plugin:1' };
    const images = (await unpack('2.0')).images;
    await repack(disk().packages, 'plugin.tar.gz', '1.0', (metadata) => ({ ...metadata, plugins: [plugin] }), {
      'plugin-images.tar': images,
    });
    const view = await importFile('plugin.tar.gz');
    expect(view).toMatchObject({ state: 'completed', stored: { layers: view.inspection?.layers.count, blobs: 5 } });
    const { images: listed } = await site().ask(new GetVersion(key, '1.0'));
    expect(listed.map(({ components }) => components.length).sort()).toStrictEqual([0, 0, 0, 1, 1]);
    const carried = listed.find(({ components }) => components.length === 0)!;

    const file = (await readdir(disk().content, { recursive: true })).find((path) =>
      path.includes(hexOf(carried.config)),
    );
    await rm(join(disk().content, file!));
    expect(await site().ask(new ListMissingContent())).toMatchObject([
      { version: '1.0', missing: { layers: [], blobs: [carried.config] }, blocks: ['export'] },
    ]);
  });
});

describe('the catalog as other contexts read it', () => {
  it('gives manifests, versions in their order and what is missing, straight from the log', async () => {
    await importFile('2.0.tar.gz');
    await importFile('1.0.tar.gz');
    const reader = catalogReader(site().deps);
    expect((await reader.versionsOf(key)).map(({ version }) => version)).toStrictEqual(['1.0', '2.0']);
    const found = await reader.version(key, '1.0');
    expect(digestOf(found.manifest as unknown as CanonicalValue)).toBe(found.manifestDigest);
    expect(found.images).toHaveLength(2);
    expect(await reader.missingContent(found.manifest)).toStrictEqual({ layers: [], blobs: [] });
    await expect(reader.version(key, '3.0')).rejects.toStrictEqual(failure('version-not-found'));
    await expect(reader.version(templateKey('none'), '1.0')).rejects.toStrictEqual(failure('template-not-found'));
  });
});

describe('lists', () => {
  it('page by cursor', async () => {
    for (const name of ['1.0.tar.gz', '2.0.tar.gz', '1.0.tar.gz']) await importFile(name);
    const first = await site().ask(new ListImports({ limit: 2 }));
    const second = await site().ask(new ListImports({ limit: 2, cursor: first.next }));
    expect([...first.items, ...second.items].map(({ name, version }) => `${basename(name)} ${version}`)).toStrictEqual([
      '1.0.tar.gz 1.0',
      '2.0.tar.gz 2.0',
      '1.0.tar.gz 1.0',
    ]);
    expect(second.next).toBeUndefined();
    expect(await site().ask(new ListTemplates({ limit: 1 }))).toMatchObject({
      items: [{ key, name: 'backend-system', latest: '2.0' }],
    });
  });
});

describe('the read model', () => {
  it('comes back the same from the log when its file was lost', async () => {
    await importFile('1.0.tar.gz');
    await importFile('2.0.tar.gz', { confirm: false });
    const lists = async () => [
      await site().ask(new ListTemplates()),
      await site().ask(new ListVersions(key)),
      await site().ask(new ListImports()),
    ];
    const before = await lists();
    await restart(async () => {
      for (const name of await readdir(disk().root))
        if (name.startsWith('read.sqlite')) await rm(join(disk().root, name));
    });
    expect(await lists()).toStrictEqual(before);
  });
});
