import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfirmImport, DiscardImport, RequestImport } from './app/commands.js';
import { fileDigest } from './app/packageFile.js';
import { DiffVersions, GetTemplate, ListImports, ListTemplates, ListVersions, VersionsAbove } from './read/queries.js';
import { fixture, repack } from './testing/packages.js';
import { context } from './testing/site.js';
import { failure, key, next, useSite } from './testing/useSite.js';

const { contentFiles, disk, importFile, site, staged, types } = useSite();

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
    expect((await site().ask(new ListTemplates())).items).toStrictEqual([]);

    const answer = await site().run(
      new ConfirmImport({ import: waiting.id, expectedRevision: waiting.revision }, next()),
    );
    expect(answer).toMatchObject({ import: waiting.id, operation: waiting.operation, state: 'storing' });
    const done = await site().settled(waiting.id);
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
    expect(await types(`template-${key}`)).toStrictEqual(['template-registered.v1', 'version-imported.v2']);
    expect(await staged()).toStrictEqual([]);
    expect(site().errors).toStrictEqual([]);
  });

  it('records who imported what, when and from which file, and keeps names of people out of the data', async () => {
    const { id } = await importFile('1.0.tar.gz');
    const file = await fileDigest(fixture('1.0'));
    const [entry] = (await site().ask(new ListVersions('backend-system'))).items;
    expect(entry).toMatchObject({
      template: key,
      version: '1.0',
      by: { id: 'li', kind: 'person', role: 'operator', name: 'Li Na' },
      origin: { kind: 'imported', import: id, format: 'ram', file: { name: '1.0.tar.gz', ...file } },
    });
    expect(Date.parse(entry!.at)).not.toBeNaN();
    for (const stream of [`import-${id}`, `template-${key}`])
      for (const { data } of await site().events(stream)) expect(JSON.stringify(data)).not.toContain('Li Na');
  });

  it('orders versions by number and tells what differs between them', async () => {
    await importFile('2.0.tar.gz');
    await importFile('1.0.tar.gz');
    const { items } = await site().ask(new ListVersions(key));
    expect(items.map(({ version }) => version)).toStrictEqual(['1.0', '2.0']);
    expect(await site().ask(new ListVersions(key, { limit: 1 }))).toStrictEqual({ items: [items[0]], next: '1.0' });
    expect(await site().ask(new ListVersions(key, { limit: 1, cursor: '1.0' }))).toStrictEqual({ items: [items[1]] });
    await expect(site().ask(new ListVersions(key, { cursor: 'none' }))).rejects.toStrictEqual(
      failure('cursor-invalid'),
    );
    expect((await site().ask(new VersionsAbove(key, 'v1.0.0'))).map(({ version }) => version)).toStrictEqual(['2.0']);
    expect(await site().ask(new GetTemplate('backend-system'))).toMatchObject({ key, versions: 2, latest: '2.0' });
    const difference = await site().ask(new DiffVersions(key, '1.0', '2.0'));
    expect(difference.components.length).toBeGreaterThan(0);
    expect(await site().ask(new DiffVersions(key, '1.0', '1.0'))).toStrictEqual({ template: [], components: [] });
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
    expect(await types(`template-${key}`)).toStrictEqual(['template-registered.v1', 'version-imported.v2']);
  });

  it('answers a repeated request with the same import, though its file is gone', async () => {
    const request = () =>
      site().run(new RequestImport({ source: { kind: 'path', path: '1.0.tar.gz' } }, context('once')));
    const first = await request();
    await site().settled(first.import);
    await rm(join(disk().packages, '1.0.tar.gz'));
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
    await expect(site().run(other)).rejects.toStrictEqual(failure('idempotency-key-reused'));
  });
});

describe('a package with a version that is none', () => {
  it('is shown, and taken in only under a number that the operator names', async () => {
    await repack(disk().packages, 'odd.tar.gz', '1.0', (metadata) => ({ ...metadata, group_version: 'final' }));
    const view = await importFile('odd.tar.gz', { confirm: false });
    expect(view.assessment?.verdict).toMatchObject({ kind: 'version-invalid' });
    await expect(site().run(new ConfirmImport({ import: view.id }, next()))).rejects.toStrictEqual(
      failure('invalid-version'),
    );
    await site().run(new ConfirmImport({ import: view.id, version: '1.0' }, next()));
    expect((await site().settled(view.id)).result).toStrictEqual({
      template: key,
      version: '1.0',
      outcome: 'imported',
    });
    expect((await importFile('1.0.tar.gz')).result?.outcome).toBe('already-present');
  });

  it('clashes with another spelling of a number that is there', async () => {
    await importFile('1.0.tar.gz');
    await repack(disk().packages, 'v.tar.gz', '1.0', (metadata) => ({ ...metadata, group_version: 'v1.0.0' }));
    const view = await importFile('v.tar.gz', { confirm: false });
    expect(view.assessment?.verdict).toStrictEqual({ kind: 'spelling-clash', present: '1.0' });
    await expect(site().run(new ConfirmImport({ import: view.id }, next()))).rejects.toStrictEqual(
      failure('version-spelling-clash'),
    );
  });
});

describe('a package that cannot be taken', () => {
  it('is refused with its reason and its digest, and leaves nothing behind', async () => {
    const path = join(disk().packages, 'broken.tar.gz');
    await writeFile(path, 'this is no package');
    const view = await importFile('broken.tar.gz');
    expect(view).toMatchObject({ state: 'refused', failure: { code: 'package-not-gzip' } });
    expect(await types(view.operation)).toStrictEqual([
      'import-requested.v1',
      'package-received.v1',
      'package-refused.v1',
    ]);
    const [summary] = (await site().ask(new ListImports({ state: 'refused' }))).items;
    expect(summary).toMatchObject({ id: view.id, file: await fileDigest(path), failure: view.failure });
    expect(await contentFiles()).toStrictEqual([]);
    expect(await staged()).toStrictEqual([]);
  });

  it('is refused at the request when it lies outside of the configured roots', async () => {
    const outside = new RequestImport({ source: { kind: 'path', path: fixture('1.0') } }, next());
    await expect(site().run(outside)).rejects.toStrictEqual(failure('package-path-refused'));
  });
});

describe('discarding an import', () => {
  it('leaves nothing of it in the content store', async () => {
    const { id, operation } = await importFile('1.0.tar.gz', { confirm: false });
    expect(await staged()).toHaveLength(1);
    await site().run(new DiscardImport({ import: id }, next()));
    expect(await contentFiles()).toStrictEqual([]);
    expect(await staged()).toStrictEqual([]);
    expect((await types(operation)).at(-1)).toBe('import-discarded.v1');
    await expect(site().run(new ConfirmImport({ import: id }, next()))).rejects.toStrictEqual(
      failure('import-not-confirmable'),
    );
  });

  it('stops one that is still being read', async () => {
    const { import: id } = await site().run(
      new RequestImport({ source: { kind: 'path', path: '1.0.tar.gz' } }, next()),
    );
    await site().run(new DiscardImport({ import: id }, next()));
    expect((await site().settled(id)).state).toBe('discarded');
    expect(await staged()).toStrictEqual([]);
    expect(await contentFiles()).toStrictEqual([]);
  });

  it('is too late when it has ended', async () => {
    const { id } = await importFile('1.0.tar.gz');
    await expect(site().run(new DiscardImport({ import: id }, next()))).rejects.toStrictEqual(
      failure('import-finished'),
    );
  });
});

describe('an upload', () => {
  const upload = async () => {
    const file = join(disk().uploads, 'u1');
    await copyFile(fixture('1.0'), file);
    await writeFile(`${file}.json`, '{}');
    return { kind: 'upload', file, name: 'backend-system-1.0-ram.tar.gz' } as const;
  };

  it('is kept until its package was taken in, and then removed', async () => {
    const answer = await site().run(new RequestImport({ source: await upload() }, next()));
    const view = await site().settled(answer.import);
    expect(view.source).toStrictEqual({ kind: 'upload', name: 'backend-system-1.0-ram.tar.gz' });
    expect(await readdir(disk().uploads)).toStrictEqual(['u1', 'u1.json']);
    await site().run(new ConfirmImport({ import: answer.import }, next()));
    expect((await site().settled(answer.import)).state).toBe('completed');
    expect(await readdir(disk().uploads)).toStrictEqual([]);
  });
});
