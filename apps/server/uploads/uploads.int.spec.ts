import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUploads } from './uploads.js';

const DAY_S = 24 * 3_600;

describe('uploads that nobody came back for', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waybill-uploads-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = async (name: string, days: number) => {
    await writeFile(join(folder, name), '{}');
    const at = Date.now() / 1000 - days * DAY_S;
    await utimes(join(folder, name), at, at);
  };

  it('are removed a week after their last byte, with what a kill left of one; those that grow stay', async () => {
    const [old, half, lone, growing] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await write(old, 8);
    await write(`${old}.json`, 9);
    await write(half, 8);
    await write(`${lone}.json`, 8);
    await write(growing, 6);
    await write(`${growing}.json`, 30);
    await write('somebody-elses', 30);
    const uploads = openUploads(folder);
    expect(await uploads.removeExpired()).toBe(3);
    expect((await readdir(folder)).sort()).toEqual([growing, `${growing}.json`, 'somebody-elses'].sort());
    expect(await uploads.removeExpired()).toBe(0);
  });
});
