import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveConnection } from './connection.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-cli-'));
  await mkdir(join(folder, '.waybill'));
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, '.waybill', 'admin-token'), 'waybill_near\n');
  await writeFile(join(folder, 'data', 'admin-token'), 'waybill_named\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const resolved = (flags: object, env: Readonly<Record<string, string>> = {}) =>
  resolveConnection(flags, { env, workingFolder: folder });

describe('where the server is, and who asks', () => {
  it('is this machine with the token that its server wrote, when nothing is said', async () => {
    expect(await resolved({})).toEqual({ url: 'http://127.0.0.1:8470', token: 'waybill_near' });
  });

  it('is what the environment says', async () => {
    const env = { WAYBILL_URL: 'https://site.example/', WAYBILL_TOKEN: 'waybill_env' };
    expect(await resolved({}, env)).toEqual({ url: 'https://site.example', token: 'waybill_env' });
  });

  it('is what the flags say, before anything else', async () => {
    const env = { WAYBILL_URL: 'https://site.example', WAYBILL_TOKEN: 'waybill_env' };
    expect(await resolved({ url: 'http://other:1/base/', token: 'waybill_flag' }, env)).toEqual({
      url: 'http://other:1/base',
      token: 'waybill_flag',
    });
  });

  it('takes the token out of the data folder that is named', async () => {
    expect((await resolved({}, { WAYBILL_DATA: 'data' })).token).toBe('waybill_named');
    expect((await resolved({}, { WAYBILL_DATA: 'missing' })).token).toBeUndefined();
  });

  it('never sends the token that lies around here to a server elsewhere', async () => {
    expect(await resolved({ url: 'http://site.example:8470' })).toEqual({ url: 'http://site.example:8470' });
  });

  it('refuses what is no address', async () => {
    await expect(resolved({ url: 'site.example' })).rejects.toMatchObject({ code: 'invalid-request' });
  });
});
