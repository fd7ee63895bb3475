import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import type { ManifestComponent } from '../manifest.js';
import { component, env, manifest } from '../testing/manifests.js';
import { writeChecksums } from '../waybill/checksums.js';
import { composed } from './composed.js';
import { envExample } from './envExample.js';
import { packageFiles } from './files.js';
import { runScript } from './runScript.js';
import { servicesOf } from './services.js';

let folder: string;
let programs: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-compose-'));
  programs = join(folder, '..programs');
  await mkdir(programs);
  await program(
    'docker',
    'case "$*" in "version --format"*) echo amd64 ;; "image inspect"*) [ -e "$LOG.loaded" ] ;; load*) : >"$LOG.loaded" ;; "compose version") false ;; esac',
  );
  await program('docker-compose', ':');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that writes down how it was called, in the place of an engine's. */
async function program(name: string, body: string): Promise<void> {
  const path = join(programs, name);
  await writeFile(path, `#!/bin/sh\necho "${name} $*" >>"$LOG"\n${body}\n`);
  await chmod(path, 0o755);
}

const secretWeb = component('web', {
  env: [env('KEY', '', { secret: {} }), env('LEVEL', 'info')],
  files: [
    { name: 'conf', path: '/etc/web.conf', content: 'key=${KEY} level=${LEVEL}\n100% @@NOT_OURS@@ \\ &', mode: 0o640 },
    { name: 'plain', path: '/etc/plain', content: 'as it is\n', mode: 0o644 },
  ],
});

async function unpacked(components: readonly ManifestComponent[] = [secretWeb]): Promise<void> {
  const package_ = composed(manifest('1.0', components));
  const services = servicesOf(package_);
  const files = new Map<string, Buffer>([
    ['run.sh', Buffer.from(runScript(services, package_))],
    ['.env.example', Buffer.from(envExample(package_))],
    ['images.tar', Buffer.from('images')],
    ...services.flatMap(({ component: one }) =>
      packageFiles(one, package_).map((file) => [file.name, file.bytes] as const),
    ),
  ]);
  const sums = writeChecksums(new Map([...files].map(([name, bytes]) => [name, sha256(bytes)])));
  for (const [name, bytes] of [...files, ['SHA256SUMS', sums] as const]) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

interface Ended {
  readonly exit: number;
  readonly err: string;
  readonly called: readonly string[];
}

async function run(...args: readonly string[]): Promise<Ended> {
  const log = join(folder, '..log');
  await writeFile(log, '');
  const env_ = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, LOG: log, WEB_LEVEL: 'from the shell' };
  const ended = await new Promise<{ exit: number; err: string }>((resolve) => {
    execFile('/bin/sh', [join(folder, 'run.sh'), ...args], { env: env_, cwd: '/' }, (error, _, err) => {
      resolve({ exit: error === null ? 0 : Number(error.code), err });
    });
  });
  return { ...ended, called: (await readFile(log, 'utf8')).trim().split('\n') };
}

const read = (name: string) => readFile(join(folder, name), 'utf8');

describe('run.sh', () => {
  it('makes secrets at the first start, keeps them at the second, and puts them into files', async () => {
    await unpacked();
    const first = await run('start');
    expect(first).toMatchObject({ exit: 0, err: expect.stringContaining('Generated WEB_KEY') as string });
    expect(first.called.filter((line) => !line.startsWith('docker image inspect'))).toEqual([
      'docker version',
      'docker compose version',
      'docker version --format {{.Server.Arch}}',
      'docker load -i images.tar',
      'docker-compose up -d',
      'docker-compose ps',
    ]);
    const [, key = ''] = /^WEB_KEY=([0-9a-f]{32})$/m.exec(await read('.env')) ?? [];
    expect(await read('made/web/etc_web.conf')).toBe(`key=${key} level=info\n100% @@NOT_OURS@@ \\ &`);
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'made/web/etc_web.conf'))).mode & 0o777).toBe(0o640);
    const [env_, made] = [await read('.env'), await stat(join(folder, 'made/web/etc_web.conf'))];
    const second = await run('start');
    expect(second.called).not.toContain('docker load -i images.tar');
    expect(second.called.filter((line) => line.includes('restart'))).toEqual([]);
    expect(await read('.env')).toBe(env_);
    await writeFile(join(folder, '.env'), `${env_}WEB_LEVEL=debug & loud`);
    const third = await run('start');
    expect(third.called).toContain('docker-compose restart web');
    expect(await read('made/web/etc_web.conf')).toContain('level=debug & loud\n');
    expect((await stat(join(folder, 'made/web/etc_web.conf'))).ino).toBe(made.ino);
  });

  it('takes what .env says before the first start, and adds the rest', async () => {
    await unpacked();
    await writeFile(join(folder, '.env'), '# mine\nCOMPOSE_PROJECT_NAME=two\n\nWEB_KEY=chosen');
    expect((await run('load')).exit).toBe(0);
    expect(await read('.env')).toBe('# mine\nCOMPOSE_PROJECT_NAME=two\n\nWEB_KEY=chosen');
    await writeFile(join(folder, '.env'), 'WEB_LEVEL=warn');
    expect((await run('load')).exit).toBe(0);
    expect(await read('.env')).toMatch(/^WEB_LEVEL=warn\nCOMPOSE_PROJECT_NAME=shop\nWEB_KEY=[0-9a-f]{32}\n$/);
  });

  it.each([
    ["WEB_LEVEL='quoted'", 'line 2'],
    ['WEB_LEVEL=$HOME', 'line 2'],
    ['WEB_LEVEL=a #b', 'line 2'],
    ['WEB_LEVEL=a\\b', 'line 2'],
    ['WEB_LEVEL= a', 'line 2'],
    ['WEB_LEVEL=a ', 'line 2'],
    ['WEB_LEVEL=a\r', 'line 2'],
    ['WEB_LEVEL', 'line 2'],
    ['WEB_KEY=', 'WEB_KEY is empty'],
  ])('refuses %j in .env, saying where', async (line, told) => {
    await unpacked();
    await writeFile(join(folder, '.env'), `# first\n${line}\n`);
    const ended = await run('start');
    expect(ended).toMatchObject({ exit: 1, err: expect.stringContaining(told) as string });
    expect(ended.called.filter((call) => call.startsWith('docker-compose'))).toEqual([]);
  });

  it.each(['files/web/etc_plain', 'run.sh', 'images.tar', '.env.example'])(
    'refuses to start when %s is damaged, and names it',
    async (name) => {
      await unpacked();
      await writeFile(join(folder, name), `${await read(name)}#`);
      const ended = await run('start');
      expect(ended).toMatchObject({ exit: 1, err: expect.stringContaining(`${name}: FAILED`) as string });
      expect(ended.called).not.toContain('docker load -i images.tar');
      expect(ended.called).not.toContain('docker-compose up -d');
    },
  );

  it('says what is missing, and how it is used', async () => {
    await unpacked();
    expect(await run()).toMatchObject({ exit: 2, err: expect.stringContaining('start|stop|status|load') as string });
    expect(await run('stop')).toMatchObject({ exit: 1, err: 'Nothing was started here yet.\n' });
    await rm(join(folder, 'SHA256SUMS'));
    expect(await run('start')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('SHA256SUMS is missing') as string,
    });
    await program('docker', 'exit 1');
    expect(await run('start')).toMatchObject({ exit: 1, err: expect.stringContaining('does not answer') as string });
  });

  it('prefers the plugin of version 2, and needs no secrets and no files', async () => {
    await program('docker', '[ "$1 $2" != "version --format" ] || echo arm64');
    await unpacked([component('web')]);
    const ended = await run('load');
    expect(ended.exit).toBe(0);
    expect(ended.err).toContain('Beware: the images are for amd64, and this engine is arm64.');
    expect((await run('status')).called).toContain('docker compose ps');
    expect((await run('stop')).called).toContain('docker compose stop');
  });
});
