import { describe, expect, it } from 'vitest';
import { digestOf, type CanonicalValue } from '@waybill/kernel';
import { ConfirmImport } from './app/commands.js';
import { GetImport, GetTemplate, GetVersion } from './read/queries.js';
import { repack } from './testing/packages.js';
import { failure, key, next, useSite } from './testing/useSite.js';

const { contentFiles, disk, importFile, site, staged } = useSite();

describe('a version that exists with other content', () => {
  const changed = () =>
    repack(disk().packages, 'changed.tar.gz', '1.0', (metadata) => {
      const [first, ...rest] = metadata.apps;
      return { ...metadata, apps: [{ ...first, cmd: 'run otherwise' }, ...rest] };
    });

  it('is reported at the inspection with both digests and what differs, and refused when confirmed', async () => {
    await importFile('1.0.tar.gz');
    const present = (await site().ask(new GetVersion(key, '1.0'))).manifestDigest;
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
    await expect(site().run(new ConfirmImport({ import: view.id }, next()))).rejects.toStrictEqual(
      failure('version-content-differs', { present, offered, version: '1.0' }),
    );
    expect((await site().ask(new GetImport(view.id))).state).toBe('inspected');
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
    await site().run(new ConfirmImport({ import: view.id, version: '1.0.1' }, next()));
    expect(await site().settled(view.id)).toMatchObject({
      state: 'completed',
      confirmation: { version: '1.0.1', sourceVersion: '1.0', automatic: false },
      result: { version: '1.0.1', outcome: 'imported' },
    });
    await site().caughtUp();
    const details = await site().ask(new GetVersion(key, '1.0.1'));
    expect(details.manifest.version).toBe('1.0.1');
    expect(digestOf(details.manifest as unknown as CanonicalValue)).toBe(details.manifestDigest);
    expect(details.origin).toMatchObject({ kind: 'imported', sourceVersion: '1.0' });
    const again = await importFile('changed.tar.gz', { version: '1.0.1' });
    expect(again.result?.outcome).toBe('already-present');
  });
});

describe('a number that was named with the request', () => {
  it('is the one it is taken under when a person confirms it without naming another', async () => {
    const view = await importFile('1.0.tar.gz', { confirm: false, version: '1.0.5' });
    await site().run(new ConfirmImport({ import: view.id }, next()));
    expect((await site().settled(view.id)).result).toStrictEqual({
      template: key,
      version: '1.0.5',
      outcome: 'imported',
    });
  });
});

describe('names of templates', () => {
  it('may change from version to version, and must be told apart by key when two have the same', async () => {
    await importFile('1.0.tar.gz');
    await repack(disk().packages, 'renamed.tar.gz', '2.0', (metadata) => ({ ...metadata, group_name: '后台 系统' }));
    expect((await importFile('renamed.tar.gz')).state).toBe('completed');
    expect(await site().ask(new GetTemplate('后台 系统'))).toMatchObject({ key, name: '后台 系统', versions: 2 });
    await expect(site().ask(new GetTemplate('backend-system'))).rejects.toStrictEqual(failure('template-not-found'));
    await repack(disk().packages, 'twin.tar.gz', '1.0', (metadata) => ({
      ...metadata,
      group_key: 'twin',
      group_name: '后台 系统',
    }));
    await importFile('twin.tar.gz');
    await expect(site().ask(new GetTemplate('后台 系统'))).rejects.toStrictEqual(
      failure('template-ambiguous', { keys: [key, 'twin'] }),
    );
  });
});
