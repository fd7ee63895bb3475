import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { freshDisk, type Disk } from '../testing/site.js';
import { fileDigest, findFile, fileSource, removeUpload } from './packageFile.js';

let disk: Disk;
beforeEach(async () => {
  disk = await freshDisk();
});
afterEach(() => disk.remove());

const places = () => ({ importRoots: [disk.packages], uploadsDir: disk.uploads });
const find = (path: string) => findFile(places(), { kind: 'path', path });
const failure = (code: string) => expect.objectContaining({ code }) as unknown;

describe('a package file on the server', () => {
  it('is found below a configured root, by absolute and by relative path', async () => {
    await mkdir(join(disk.packages, 'shop'));
    const path = join(disk.packages, 'shop', 'a.tar.gz');
    await writeFile(path, 'a');
    expect(await find(path)).toBe(path);
    expect(await find('shop/a.tar.gz')).toBe(path);
    expect(await fileSource(places(), { kind: 'path', path })).toStrictEqual({
      kind: 'path',
      path,
      name: 'a.tar.gz',
    });
  });

  it('is refused outside of the roots, whether it exists or not', async () => {
    const outside = join(disk.root, 'secret.tar.gz');
    await writeFile(outside, 's');
    for (const path of [
      outside,
      join(disk.root, 'nothing'),
      join(disk.packages, '..', 'secret.tar.gz'),
      '../secret.tar.gz',
      disk.packages,
      `${disk.packages}-more/a`,
    ])
      await expect(find(path)).rejects.toStrictEqual(failure('package-path-refused'));
  });

  it('is refused when a link leads out of the root', async () => {
    await writeFile(join(disk.root, 'secret.tar.gz'), 's');
    await symlink(join(disk.root, 'secret.tar.gz'), join(disk.packages, 'link.tar.gz'));
    await symlink(disk.root, join(disk.packages, 'folder'));
    await expect(find('link.tar.gz')).rejects.toStrictEqual(failure('package-path-refused'));
    await expect(find('folder/secret.tar.gz')).rejects.toStrictEqual(failure('package-path-refused'));
    await expect(find('link.tar.gz')).rejects.toThrow('not from link.tar.gz, a link that leads out of there.');
  });

  it('is found through a link that stays inside, and below a root that is a link', async () => {
    await writeFile(join(disk.packages, 'a.tar.gz'), 'a');
    await symlink(join(disk.packages, 'a.tar.gz'), join(disk.packages, 'b.tar.gz'));
    expect(await find('b.tar.gz')).toBe(join(disk.packages, 'a.tar.gz'));
    await symlink(disk.packages, join(disk.root, 'usb'));
    const usb = { importRoots: [join(disk.root, 'usb')], uploadsDir: disk.uploads };
    expect(await findFile(usb, { kind: 'path', path: join(disk.root, 'usb', 'a.tar.gz') })).toBe(
      join(disk.packages, 'a.tar.gz'),
    );
  });

  it('is missed when there is none, or no file', async () => {
    await mkdir(join(disk.packages, 'folder'));
    await expect(find('none.tar.gz')).rejects.toStrictEqual(failure('package-not-found'));
    await expect(find('folder')).rejects.toStrictEqual(failure('package-not-found'));
    await expect(find('none.tar.gz')).rejects.toThrow(`There is no package at none.tar.gz below ${disk.packages}.`);
  });

  it('is missed under a name that no file can have', async () => {
    await symlink('circle', join(disk.packages, 'circle'));
    for (const name of ['a'.repeat(300), 'a\0b', 'circle'])
      await expect(find(name)).rejects.toStrictEqual(failure('package-not-found'));
  });

  it('has the digest of its bytes', async () => {
    const path = join(disk.packages, 'a.tar.gz');
    await writeFile(path, 'abc');
    expect(await fileDigest(path)).toStrictEqual({ digest: sha256('abc'), size: 3 });
  });
});

describe('an upload', () => {
  it('is known by its place among the uploads and called as the sender called it', async () => {
    await writeFile(join(disk.uploads, 'u1'), 'u');
    const location = { kind: 'upload', file: join(disk.uploads, 'u1'), name: 'dir/shop.tar.gz' } as const;
    expect(await fileSource(places(), location)).toStrictEqual({ kind: 'upload', file: 'u1', name: 'shop.tar.gz' });
  });

  it('is never sought outside of the uploads', async () => {
    await writeFile(join(disk.packages, 'a.tar.gz'), 'a');
    const location = { kind: 'upload', file: join(disk.packages, 'a.tar.gz'), name: 'a' } as const;
    await expect(findFile(places(), location)).rejects.toStrictEqual(failure('upload-not-found'));
  });

  it('is removed with its note, once or twice', async () => {
    await writeFile(join(disk.uploads, 'u1'), 'u');
    await writeFile(join(disk.uploads, 'u1.json'), '{}');
    const source = { kind: 'upload', file: 'u1', name: 'shop.tar.gz' } as const;
    await removeUpload(places(), source);
    await removeUpload(places(), source);
    await expect(findFile(places(), source)).rejects.toStrictEqual(failure('upload-not-found'));
  });
});
