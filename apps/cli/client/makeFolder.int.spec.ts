import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder } from './makeFolder.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-folders-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('makes a folder with those above it, and leaves alone what is there', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await Promise.all([makeFolder(path), makeFolder(path)]);
  await writeFile(join(path, 'file'), '');
  await makeFolder(path);
  expect(await readdir(path)).toEqual(['file']);
});

it('says so at once where none can be made', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const path of ['/proc/nope', '/proc/nope/below', join(folder, 'file'), join(folder, 'file', 'below')])
    await expect(makeFolder(path)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('cannot be made: E') as string,
    });
});
