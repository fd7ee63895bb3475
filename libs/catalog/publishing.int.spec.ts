import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfirmImport, PublishVersion } from './app/commands.js';
import { ListVersions } from './read/queries.js';
import { unpack } from './testing/packages.js';
import { context } from './testing/site.js';
import { failure, key, next, useSite } from './testing/useSite.js';

const { contentFiles, disk, importFile, site, staged, types } = useSite();

describe('publishing', () => {
  const write = async (name: string, bytes: Uint8Array) => {
    const path = join(disk().packages, name);
    await writeFile(path, bytes);
    return { kind: 'path', path } as const;
  };
  const request = async () => {
    const { metadata, images } = await unpack('1.0');
    return {
      source: { format: 'ram' as const, metadata: Buffer.from(JSON.stringify(metadata)) },
      images: [await write('images.tar', images)],
      template: key,
      version: '1.0',
    };
  };

  it('makes the same version as importing the package, whichever comes first', async () => {
    const imported = await importFile('1.0.tar.gz', { confirm: false });
    const published = await site().run(new PublishVersion({ ...(await request()), notes: 'First.' }, next()));
    expect(published).toMatchObject({
      template: key,
      version: '1.0',
      manifest: imported.inspection?.manifest,
      outcome: 'published',
      stored: { layers: 4, blobs: 2 },
    });
    await site().caughtUp();
    const [entry] = (await site().ask(new ListVersions(key))).items;
    expect(entry).toMatchObject({ origin: { kind: 'published', notes: 'First.' }, by: { id: 'li', name: 'Li Na' } });
    await site().run(new ConfirmImport({ import: imported.id }, next()));
    expect((await site().settled(imported.id)).result?.outcome).toBe('already-present');
    expect((await site().run(new PublishVersion(await request(), next()))).outcome).toBe('already-present');
    expect(await types(`template-${key}`)).toStrictEqual(['template-registered.v1', 'version-published.v3']);
    expect(await staged()).toStrictEqual([]);
  });

  it('answers a repeated command with what it wrote', async () => {
    const first = await site().run(new PublishVersion(await request(), context('publish')));
    const second = await site().run(new PublishVersion(await request(), context('publish')));
    expect(first).toMatchObject({ outcome: 'published', verdict: { kind: 'new-template' }, stored: { layers: 4 } });
    expect(second).toStrictEqual(first);
  });

  it('is refused before anything is published when a bill of materials is for an image that it has not', async () => {
    const asked = { ...(await request()), sbomsFor: ['web', 'wbe'] };
    for (const mode of [{ dryRun: true } as const, {}])
      await expect(site().run(new PublishVersion(asked, { ...next(), ...mode }))).rejects.toStrictEqual(
        failure('image-not-found', { image: 'wbe' }),
      );
    expect(await types(`template-${key}`)).toStrictEqual([]);
    const right = new PublishVersion({ ...asked, sbomsFor: ['web'] }, { ...next(), dryRun: true });
    expect((await site().run(right)).outcome).toBe('checked');
  });

  it('refuses another key or number than the metadata says', async () => {
    const asked = await request();
    await expect(site().run(new PublishVersion({ ...asked, template: 'other' }, next()))).rejects.toStrictEqual(
      failure('template-key-differs', { found: key, asked: 'other' }),
    );
    await expect(site().run(new PublishVersion({ ...asked, version: '1.1' }, next()))).rejects.toStrictEqual(
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
      source: { format: 'ram' as const, metadata: Buffer.from(JSON.stringify({ ...metadata, group_version: '1.0' })) },
      images: [await write('2.tar', images)],
    };
    await expect(site().run(new PublishVersion(offered, next()))).rejects.toStrictEqual(
      failure('version-content-differs'),
    );
    expect(await contentFiles()).toStrictEqual(before);
  });

  it('refuses a component whose image is in no archive', async () => {
    await expect(site().run(new PublishVersion({ ...(await request()), images: [] }, next()))).rejects.toStrictEqual(
      expect.objectContaining({
        code: 'images-not-found',
        message: expect.stringMatching(
          /^Images that the version runs were not found: \S+, \S+\. No place was named/,
        ) as unknown,
      }),
    );
  });

  it('writes nothing in a dry run', async () => {
    const head = await site().deps.store.head();
    const checked = await site().run(new PublishVersion(await request(), { ...next(), dryRun: true }));
    expect(checked).toMatchObject({ outcome: 'checked', verdict: { kind: 'new-template' } });
    expect(await site().deps.store.head()).toBe(head);
    expect(await contentFiles()).toStrictEqual([]);
  });
});
