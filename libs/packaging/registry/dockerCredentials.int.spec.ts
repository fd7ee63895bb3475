import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dockerCredentials } from './dockerCredentials.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-docker-config-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const config = (content: object) => writeFile(join(folder, 'config.json'), JSON.stringify(content));
const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const find = (registry: string) => dockerCredentials(folder)(registry);

/** A credential helper that knows `known.example`, and says who asked. */
async function helper(name: string, script: string): Promise<void> {
  const file = join(folder, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\nread -r asked\n${script}\n`);
  await chmod(file, 0o755);
}

describe('what docker login left', () => {
  it('is nothing where nobody logged in', async () => {
    expect(await find('registry.example')).toBeUndefined();
    await config({});
    expect(await find('registry.example')).toBeUndefined();
  });

  it('is found under the host, however the key is written', async () => {
    await config({
      auths: {
        'registry.example:5000': auth('maria:a:b'),
        'https://old.example/v1/': { username: 'li', password: 'na' },
        'https://index.docker.io/v1/': { identitytoken: 'refresh', ...auth('hub:unused') },
        'empty.example': {},
      },
    });
    expect(await find('registry.example:5000')).toEqual({ kind: 'password', user: 'maria', password: 'a:b' });
    expect(await find('registry.example')).toBeUndefined();
    expect(await find('old.example')).toEqual({ kind: 'password', user: 'li', password: 'na' });
    expect(await find('docker.io')).toEqual({ kind: 'identity', token: 'refresh' });
    expect(await find('empty.example')).toBeUndefined();
  });

  it('is asked of the program that keeps it, of the registry’s own before that for all', async () => {
    await helper('own', 'printf \'{"Username":"%s","Secret":"own"}\' "$asked"');
    await helper('all', 'printf \'{"Username":"<token>","Secret":"%s"}\' "$asked"');
    await config({ credHelpers: { 'own.example': 'own' }, credsStore: 'all' });
    expect(await find('own.example')).toEqual({ kind: 'password', user: 'own.example', password: 'own' });
    expect(await find('docker.io')).toEqual({ kind: 'identity', token: 'https://index.docker.io/v1/' });
  });

  it('is looked for in the file where the program has none', async () => {
    await helper('none', "echo 'credentials not found in native keychain'; exit 1");
    await config({ credsStore: 'none', auths: { 'registry.example': auth('maria:one') } });
    expect(await find('registry.example')).toEqual({ kind: 'password', user: 'maria', password: 'one' });
  });

  it.each([
    ['a program that fails', { credsStore: 'bad' }, 'ended with 3'],
    ['a program that is not there', { credsStore: 'absent' }, 'is not installed'],
    ['a program somewhere else', { credsStore: '../bad' }, 'names no program'],
    ['an entry that is none', { auths: { 'registry.example': auth('secret') } }, 'no user and password'],
  ])('is told of when it cannot be used: %s', async (_what, content, reason) => {
    await helper('bad', 'echo secret; exit 3');
    await config(content);
    await expect(find('registry.example')).rejects.toMatchObject({
      code: 'registry-credentials-unusable',
      message: expect.stringContaining(reason) as unknown,
    });
    await expect(find('registry.example')).rejects.not.toThrow('secret');
  });

  it('does not show up in the failure to read it', async () => {
    await writeFile(join(folder, 'config.json'), '{"auths": {"registry.example": {"auth": "c2VjcmV0"');
    const failure: unknown = await find('registry.example').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'registry-credentials-unusable' });
    expect(failure).not.toHaveProperty('cause');
    expect(String(failure)).not.toContain('c2VjcmV0');
  });
});
