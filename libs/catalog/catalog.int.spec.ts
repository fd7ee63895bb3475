import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, hexOf, templateKey, type CanonicalValue } from '@waybill/kernel';
import { ConfirmImport, DiscardImport, PublishVersion, RequestImport } from './app/commands.js';
import { fileDigest } from './app/packageFile.js';
import { catalogReader } from './read/catalogReader.js';
import {
  DiffVersions,
  GetImport,
  GetTemplate,
  GetVersion,
  ListImports,
  ListMissingContent,
  ListTemplates,
  ListVersions,
  VersionsAbove,
} from './read/queries.js';
import { fixture, repack, unpack } from './testing/packages.js';
import { contentIn, context, freshDisk, openSite, type Disk, type Site } from './testing/site.js';

const key = templateKey('f3a8c1de5b7c4cb0a8de0c1f6a5b4e77');
let disk: Disk;
let site: Site;

beforeEach(async () => {
  disk = await freshDisk();
  site = await openSite(disk);
  for (const version of ['1.0', '2.0'] as const)
    await copyFile(fixture(version), join(disk.packages, `${version}.tar.gz`));
});
afterEach(async () => {
  await site.close();
  await disk.remove();
});

let commands = 0;
const next = () => context(`command ${(commands += 1)}`);

async function importFile(name: string, options: { readonly confirm?: boolean; readonly version?: string } = {}) {
  const { import: id } = await site.run(
    new RequestImport({ source: { kind: 'path', path: name }, confirm: true, ...options }, next()),
  );
  const view = await site.settled(id);
  await site.caughtUp();
  return view;
}

const contentFiles = () => contentIn(site.deps.content);
const staged = () => readdir(join(disk.content, 'staging'));
const types = async (stream: string) => (await site.events(stream)).map(({ type }) => type);
const failure = (code: string, details?: object) =>
  expect.objectContaining({
    code,
    ...(details === undefined ? {} : { details: expect.objectContaining(details) as unknown }),
  }) as unknown;

describe('importing a package', () => {
  it('shows what it holds, waits for a person, and takes it in when confirmed', async () => {
    const file = await fileDigest(fixture('1.0'));
    const waiting = await importFile('1.0.tar.gz', { confirm: false });
    expect(waiting).toMatchObject({
      state: 'inspected',
      source: { kind: 'path', name: '1.0.tar.gz' },
      assessment: { verdict: { kind: 'new-template' } },
      inspection: {
        format: 'ram',
        file: { name: '1.0.tar.gz', ...file },
        template: { key, name: 'backend-system' },
        version: '1.0',
        layers: { count: 4, newCount: 4 },
      },
    });
    expect(waiting.inspection?.components.map(({ name }) => name)).toHaveLength(2);
    expect(waiting.inspection?.images).toHaveLength(2);
    expect(waiting.progress).toBeUndefined();
    expect(await contentFiles()).toStrictEqual([]);
    expect((await site.ask(new ListTemplates())).items).toStrictEqual([]);

    const answer = await site.run(
      new ConfirmImport({ import: waiting.id, expectedRevision: waiting.revision }, next()),
    );
    expect(answer).toMatchObject({ import: waiting.id, operation: waiting.operation, state: 'storing' });
    const done = await site.settled(waiting.id);
    expect(done).toMatchObject({
      state: 'completed',
      stored: { layers: 4, blobs: 2, bytes: waiting.inspection?.layers.bytes },
      result: { template: key, version: '1.0', outcome: 'imported' },
    });
    expect(await types(waiting.operation)).toStrictEqual([
      'import-requested.v1',
      'package-received.v1',
      'package-inspected.v1',
      'import-confirmed.v1',
      'images-stored.v1',
      'import-completed.v1',
    ]);
    expect(await types(`template-${key}`)).toStrictEqual(['template-registered.v1', 'version-imported.v1']);
    expect(await staged()).toStrictEqual([]);
    expect(site.errors).toStrictEqual([]);
  });

  it('records who imported what, when and from which file, and keeps names of people out of the data', async () => {
    const { id } = await importFile('1.0.tar.gz');
    const file = await fileDigest(fixture('1.0'));
    const [entry] = await site.ask(new ListVersions('backend-system'));
    expect(entry).toMatchObject({
      template: key,
      version: '1.0',
      by: { id: 'li', kind: 'person', role: 'operator', name: 'Li Na' },
      origin: { kind: 'imported', import: id, format: 'ram', file: { name: '1.0.tar.gz', ...file } },
    });
    expect(Date.parse(entry!.at)).not.toBeNaN();
    for (const stream of [`import-${id}`, `template-${key}`])
      for (const { data } of await site.events(stream)) expect(JSON.stringify(data)).not.toContain('Li Na');
  });

  it('orders versions by number and tells what differs between them', async () => {
    await importFile('2.0.tar.gz');
    await importFile('1.0.tar.gz');
    expect((await site.ask(new ListVersions(key))).map(({ version }) => version)).toStrictEqual(['1.0', '2.0']);
    expect((await site.ask(new VersionsAbove(key, 'v1.0.0'))).map(({ version }) => version)).toStrictEqual(['2.0']);
    expect(await site.ask(new GetTemplate('backend-system'))).toMatchObject({ key, versions: 2, latest: '2.0' });
    const difference = await site.ask(new DiffVersions(key, '1.0', '2.0'));
    expect(difference.components.length).toBeGreaterThan(0);
    expect(await site.ask(new DiffVersions(key, '1.0', '1.0'))).toStrictEqual({ template: [], components: [] });
  });

  it('shares the layers that two versions have in common', async () => {
    await importFile('1.0.tar.gz');
    const view = await importFile('2.0.tar.gz', { confirm: false });
    const { count, newCount } = view.inspection!.layers;
    expect(newCount).toBeLessThan(count);
    expect(view.assessment).toMatchObject({ verdict: { kind: 'new-version' }, difference: { from: '1.0' } });
  });

  it('says that a package is already there, and changes nothing', async () => {
    const first = await importFile('1.0.tar.gz');
    const before = await contentFiles();
    expect((await importFile('1.0.tar.gz', { confirm: false })).assessment?.verdict).toStrictEqual({
      kind: 'already-present',
    });
    const again = await importFile('1.0.tar.gz');
    expect(again).toMatchObject({
      state: 'completed',
      stored: { layers: 0, blobs: 0, bytes: 0 },
      result: { ...first.result, outcome: 'already-present' },
    });
    expect(await contentFiles()).toStrictEqual(before);
    expect(await types(`template-${key}`)).toStrictEqual(['template-registered.v1', 'version-imported.v1']);
  });

  it('answers a repeated request with the same import, though its file is gone', async () => {
    const request = () =>
      site.run(new RequestImport({ source: { kind: 'path', path: '1.0.tar.gz' } }, context('once')));
    const first = await request();
    await site.settled(first.import);
    await rm(join(disk.packages, '1.0.tar.gz'));
    expect((await request()).import).toBe(first.import);
    expect(await types(first.operation)).toStrictEqual([
      'import-requested.v1',
      'package-received.v1',
      'package-inspected.v1',
    ]);
    const other = new RequestImport(
      { source: { kind: 'path', path: '2.0.tar.gz' } },
      context('once', 'another request'),
    );
    await expect(site.run(other)).rejects.toStrictEqual(failure('idempotency-key-reused'));
  });
});

describe('a version that exists with other content', () => {
  const changed = () =>
    repack(disk.packages, 'changed.tar.gz', '1.0', (metadata) => {
      const [first, ...rest] = metadata.apps;
      return { ...metadata, apps: [{ ...first, cmd: 'run otherwise' }, ...rest] };
    });

  it('is reported at the inspection with both digests and what differs, and refused when confirmed', async () => {
    await importFile('1.0.tar.gz');
    const present = (await site.ask(new GetVersion(key, '1.0'))).manifestDigest;
    await changed();
    const view = await importFile('changed.tar.gz', { confirm: false });
    const offered = view.inspection!.manifest;
    expect(view.assessment?.verdict).toStrictEqual({ kind: 'content-differs', present, offered });
    expect(view.assessment?.difference).toMatchObject({
      from: '1.0',
      changes: {
        components: [{ kind: 'changed', attributes: [{ item: 'command', kind: 'added', after: 'run otherwise' }] }],
      },
    });
    await expect(site.run(new ConfirmImport({ import: view.id }, next()))).rejects.toStrictEqual(
      failure('version-content-differs', { present, offered, version: '1.0' }),
    );
    expect((await site.ask(new GetImport(view.id))).state).toBe('inspected');
  });

  it('fails an import that was confirmed in advance, and leaves nothing behind', async () => {
    await importFile('1.0.tar.gz');
    const before = await contentFiles();
    await changed();
    expect(await importFile('changed.tar.gz')).toMatchObject({
      state: 'failed',
      failure: { code: 'version-content-differs' },
    });
    expect(await contentFiles()).toStrictEqual(before);
    expect(await staged()).toStrictEqual([]);
  });

  it('may be taken under a number that the operator names', async () => {
    await importFile('1.0.tar.gz');
    await changed();
    const view = await importFile('changed.tar.gz', { confirm: false });
    await site.run(new ConfirmImport({ import: view.id, version: '1.0.1' }, next()));
    expect(await site.settled(view.id)).toMatchObject({
      state: 'completed',
      confirmation: { version: '1.0.1', sourceVersion: '1.0', automatic: false },
      result: { version: '1.0.1', outcome: 'imported' },
    });
    await site.caughtUp();
    const details = await site.ask(new GetVersion(key, '1.0.1'));
    expect(details.manifest.version).toBe('1.0.1');
    expect(digestOf(details.manifest as unknown as CanonicalValue)).toBe(details.manifestDigest);
    expect(details.origin).toMatchObject({ kind: 'imported', sourceVersion: '1.0' });
    const again = await importFile('changed.tar.gz', { version: '1.0.1' });
    expect(again.result?.outcome).toBe('already-present');
  });
});

describe('a package with a version that is none', () => {
  it('is shown, and taken in only under a number that the operator names', async () => {
    await repack(disk.packages, 'odd.tar.gz', '1.0', (metadata) => ({ ...metadata, group_version: 'final' }));
    const view = await importFile('odd.tar.gz', { confirm: false });
    expect(view.assessment?.verdict).toMatchObject({ kind: 'version-invalid' });
    await expect(site.run(new ConfirmImport({ import: view.id }, next()))).rejects.toStrictEqual(
      failure('invalid-version'),
    );
    await site.run(new ConfirmImport({ import: view.id, version: '1.0' }, next()));
    expect((await site.settled(view.id)).result).toStrictEqual({ template: key, version: '1.0', outcome: 'imported' });
    expect((await importFile('1.0.tar.gz')).result?.outcome).toBe('already-present');
  });

  it('clashes with another spelling of a number that is there', async () => {
    await importFile('1.0.tar.gz');
    await repack(disk.packages, 'v.tar.gz', '1.0', (metadata) => ({ ...metadata, group_version: 'v1.0.0' }));
    const view = await importFile('v.tar.gz', { confirm: false });
    expect(view.assessment?.verdict).toStrictEqual({ kind: 'spelling-clash', present: '1.0' });
    await expect(site.run(new ConfirmImport({ import: view.id }, next()))).rejects.toStrictEqual(
      failure('version-spelling-clash'),
    );
  });
});

describe('names of templates', () => {
  it('may change from version to version, and must be told apart by key when two have the same', async () => {
    await importFile('1.0.tar.gz');
    await repack(disk.packages, 'renamed.tar.gz', '2.0', (metadata) => ({ ...metadata, group_name: '后台 系统' }));
    expect((await importFile('renamed.tar.gz')).state).toBe('completed');
    expect(await site.ask(new GetTemplate('后台 系统'))).toMatchObject({ key, name: '后台 系统', versions: 2 });
    await expect(site.ask(new GetTemplate('backend-system'))).rejects.toStrictEqual(failure('template-not-found'));
    await repack(disk.packages, 'twin.tar.gz', '1.0', (metadata) => ({
      ...metadata,
      group_key: 'twin',
      group_name: '后台 系统',
    }));
    await importFile('twin.tar.gz');
    await expect(site.ask(new GetTemplate('后台 系统'))).rejects.toStrictEqual(
      failure('template-ambiguous', { keys: [key, 'twin'] }),
    );
  });
});

describe('a package that cannot be taken', () => {
  it('is refused with its reason and its digest, and leaves nothing behind', async () => {
    const path = join(disk.packages, 'broken.tar.gz');
    await writeFile(path, 'this is no package');
    const view = await importFile('broken.tar.gz');
    expect(view).toMatchObject({ state: 'refused', failure: { code: 'package-not-gzip' } });
    expect(await types(view.operation)).toStrictEqual([
      'import-requested.v1',
      'package-received.v1',
      'package-refused.v1',
    ]);
    const [summary] = (await site.ask(new ListImports({ state: 'refused' }))).items;
    expect(summary).toMatchObject({ id: view.id, file: await fileDigest(path), failure: view.failure });
    expect(await contentFiles()).toStrictEqual([]);
    expect(await staged()).toStrictEqual([]);
  });

  it('is refused at the request when it lies outside of the configured roots', async () => {
    const outside = new RequestImport({ source: { kind: 'path', path: fixture('1.0') } }, next());
    await expect(site.run(outside)).rejects.toStrictEqual(failure('package-path-refused'));
  });
});

describe('discarding an import', () => {
  it('leaves nothing of it in the content store', async () => {
    const { id, operation } = await importFile('1.0.tar.gz', { confirm: false });
    expect(await staged()).toHaveLength(1);
    await site.run(new DiscardImport({ import: id }, next()));
    expect(await contentFiles()).toStrictEqual([]);
    expect(await staged()).toStrictEqual([]);
    expect((await types(operation)).at(-1)).toBe('import-discarded.v1');
    await expect(site.run(new ConfirmImport({ import: id }, next()))).rejects.toStrictEqual(
      failure('import-not-confirmable'),
    );
  });

  it('stops one that is still being read', async () => {
    const { import: id } = await site.run(new RequestImport({ source: { kind: 'path', path: '1.0.tar.gz' } }, next()));
    await site.run(new DiscardImport({ import: id }, next()));
    expect((await site.settled(id)).state).toBe('discarded');
    expect(await staged()).toStrictEqual([]);
    expect(await contentFiles()).toStrictEqual([]);
  });

  it('is too late when it has ended', async () => {
    const { id } = await importFile('1.0.tar.gz');
    await expect(site.run(new DiscardImport({ import: id }, next()))).rejects.toStrictEqual(failure('import-finished'));
  });
});

describe('an upload', () => {
  const upload = async () => {
    const file = join(disk.uploads, 'u1');
    await copyFile(fixture('1.0'), file);
    await writeFile(`${file}.json`, '{}');
    return { kind: 'upload', file, name: 'backend-system-1.0-ram.tar.gz' } as const;
  };

  it('is kept until its package was taken in, and then removed', async () => {
    const answer = await site.run(new RequestImport({ source: await upload() }, next()));
    const view = await site.settled(answer.import);
    expect(view.source).toStrictEqual({ kind: 'upload', name: 'backend-system-1.0-ram.tar.gz' });
    expect(await readdir(disk.uploads)).toStrictEqual(['u1', 'u1.json']);
    await site.run(new ConfirmImport({ import: answer.import }, next()));
    expect((await site.settled(answer.import)).state).toBe('completed');
    expect(await readdir(disk.uploads)).toStrictEqual([]);
  });
});

describe('publishing', () => {
  const write = async (name: string, bytes: Uint8Array) => {
    const path = join(disk.packages, name);
    await writeFile(path, bytes);
    return { kind: 'path', path } as const;
  };
  const request = async () => {
    const { metadata, images } = await unpack('1.0');
    return {
      metadata: Buffer.from(JSON.stringify(metadata)),
      images: [await write('images.tar', images)],
      template: key,
      version: '1.0',
    };
  };

  it('makes the same version as importing the package, whichever comes first', async () => {
    const imported = await importFile('1.0.tar.gz', { confirm: false });
    const published = await site.run(new PublishVersion({ ...(await request()), notes: 'First.' }, next()));
    expect(published).toMatchObject({
      template: key,
      version: '1.0',
      manifest: imported.inspection?.manifest,
      outcome: 'published',
      stored: { layers: 4, blobs: 2 },
    });
    await site.caughtUp();
    const [entry] = await site.ask(new ListVersions(key));
    expect(entry).toMatchObject({ origin: { kind: 'published', notes: 'First.' }, by: { id: 'li', name: 'Li Na' } });
    await site.run(new ConfirmImport({ import: imported.id }, next()));
    expect((await site.settled(imported.id)).result?.outcome).toBe('already-present');
    expect((await site.run(new PublishVersion(await request(), next()))).outcome).toBe('already-present');
    expect(await types(`template-${key}`)).toStrictEqual(['template-registered.v1', 'version-published.v1']);
    expect(await staged()).toStrictEqual([]);
  });

  it('answers a repeated command with what it wrote', async () => {
    const first = await site.run(new PublishVersion(await request(), context('publish')));
    const second = await site.run(new PublishVersion(await request(), context('publish')));
    expect([first.outcome, second.outcome]).toStrictEqual(['published', 'published']);
    expect(second.position).toBe(first.position);
  });

  it('refuses another key or number than the metadata says', async () => {
    const asked = await request();
    await expect(site.run(new PublishVersion({ ...asked, template: 'other' }, next()))).rejects.toStrictEqual(
      failure('template-key-differs', { found: key, asked: 'other' }),
    );
    await expect(site.run(new PublishVersion({ ...asked, version: '1.1' }, next()))).rejects.toStrictEqual(
      failure('version-number-differs', { found: '1.0', asked: '1.1' }),
    );
    expect(await contentFiles()).toStrictEqual([]);
    expect(await staged()).toStrictEqual([]);
  });

  it('refuses other content under a number that exists, and stores nothing of it', async () => {
    await importFile('1.0.tar.gz');
    const before = await contentFiles();
    const { metadata, images } = await unpack('2.0');
    const offered = {
      metadata: Buffer.from(JSON.stringify({ ...metadata, group_version: '1.0' })),
      images: [await write('2.tar', images)],
    };
    await expect(site.run(new PublishVersion(offered, next()))).rejects.toStrictEqual(
      failure('version-content-differs'),
    );
    expect(await contentFiles()).toStrictEqual(before);
  });

  it('refuses a component whose image is in no archive', async () => {
    await expect(site.run(new PublishVersion({ ...(await request()), images: [] }, next()))).rejects.toStrictEqual(
      failure('package-image-missing'),
    );
  });

  it('writes nothing in a dry run', async () => {
    const head = await site.deps.store.head();
    const checked = await site.run(new PublishVersion({ ...(await request()), dryRun: true }, next()));
    expect(checked).toMatchObject({ outcome: 'checked', verdict: { kind: 'new-template' } });
    expect(await site.deps.store.head()).toBe(head);
    expect(await contentFiles()).toStrictEqual([]);
  });
});

describe('lost content', () => {
  it('is listed with what it blocks and what brings it back, and comes back by importing the package again', async () => {
    const first = await importFile('1.0.tar.gz');
    expect(await site.ask(new ListMissingContent())).toStrictEqual([]);
    await site.close();
    await rm(disk.content, { recursive: true });
    site = await openSite(disk);

    const [missing, ...others] = await site.ask(new ListMissingContent());
    expect(others).toStrictEqual([]);
    expect(missing).toMatchObject({
      template: key,
      version: '1.0',
      restoredBy: { name: '1.0.tar.gz', digest: first.inspection?.file.digest },
    });
    expect(missing?.blocks).toStrictEqual(['install', 'export']);
    expect([missing?.missing.layers.length, missing?.missing.blobs.length]).toStrictEqual([4, 2]);
    const details = await site.ask(new GetVersion(key, '1.0'));
    expect(details.images.map(({ complete }) => complete)).toStrictEqual([false, false]);

    const again = await importFile('1.0.tar.gz');
    expect(again).toMatchObject({ stored: { layers: 4, blobs: 2 }, result: { outcome: 'already-present' } });
    expect(await site.ask(new ListMissingContent())).toStrictEqual([]);
    expect((await site.ask(new GetVersion(key, '1.0'))).images.every(({ complete }) => complete)).toBe(true);
  });
});

describe('images of parts that are only carried', () => {
  it('are stored as well, and block the export alone when they are lost', async () => {
    const plugin = { plugin_key: 'mesh', plugin_name: 'mesh', share_image: 'plugin:1' };
    const images = (await unpack('2.0')).images;
    await repack(disk.packages, 'plugin.tar.gz', '1.0', (metadata) => ({ ...metadata, plugins: [plugin] }), {
      'plugin-images.tar': images,
    });
    const view = await importFile('plugin.tar.gz');
    expect(view).toMatchObject({ state: 'completed', stored: { layers: view.inspection?.layers.count, blobs: 5 } });
    const { images: listed } = await site.ask(new GetVersion(key, '1.0'));
    expect(listed.map(({ components }) => components.length).sort()).toStrictEqual([0, 0, 0, 1, 1]);
    const carried = listed.find(({ components }) => components.length === 0)!;

    const file = (await readdir(disk.content, { recursive: true })).find((path) =>
      path.includes(hexOf(carried.config)),
    );
    await rm(join(disk.content, file!));
    expect(await site.ask(new ListMissingContent())).toMatchObject([
      { version: '1.0', missing: { layers: [], blobs: [carried.config] }, blocks: ['export'] },
    ]);
  });
});

describe('the catalog as other contexts read it', () => {
  it('gives manifests, versions in their order and what is missing, straight from the log', async () => {
    await importFile('2.0.tar.gz');
    await importFile('1.0.tar.gz');
    const reader = catalogReader(site.deps);
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
    const first = await site.ask(new ListImports({ limit: 2 }));
    const second = await site.ask(new ListImports({ limit: 2, cursor: first.next }));
    expect([...first.items, ...second.items].map(({ name, version }) => `${basename(name)} ${version}`)).toStrictEqual([
      '1.0.tar.gz 1.0',
      '2.0.tar.gz 2.0',
      '1.0.tar.gz 1.0',
    ]);
    expect(second.next).toBeUndefined();
    expect(await site.ask(new ListTemplates({ limit: 1 }))).toMatchObject({
      items: [{ key, name: 'backend-system', latest: '2.0' }],
    });
  });
});
