import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { engine } from '../support/engine.js';
import { backendSystem, fixture } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Site } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';
import { waybill } from '../support/waybill.js';

interface Exported {
  readonly id: string;
  readonly path: string;
  readonly file: { readonly digest: string; readonly name: string };
  readonly notCarried: readonly { readonly code: string; readonly subject: string }[];
}

let folder: string;
let vendor: TestServer;
let here: Site;
let unpacked: string;
let first: Exported;
const project = `wbtest-${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  folder = await freshFolder();
  await writeFile(join(folder, '1.0.tar.gz'), await readFile(fixture('1.0')));
  vendor = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  here = site(() => vendor);
  expect(await here.import(join(folder, '1.0.tar.gz'))).toMatchObject({ state: 'succeeded' });
  first = await exported();
  const target = await freshFolder();
  await run('tar', ['-xzf', first.path, '-C', target]);
  unpacked = join(target, 'backend-system-1.0-docker-compose');
});
afterAll(async () => {
  await removeProject();
  await cleanServers();
});

async function exported(): Promise<Exported> {
  const args = ['export', backendSystem, '1.0', '--format', 'docker-compose', '-o', await freshFolder(), '--json'];
  const { exit, out, err } = await waybill(vendor, args);
  expect([exit, err]).toEqual([0, expect.stringContaining('web: its readiness probe (HTTP, port 80, /)')]);
  return JSON.parse(out) as Exported;
}

const run = (program: string, args: readonly string[], cwd = '/') =>
  new Promise<{ readonly exit: number; readonly out: string }>((resolve) => {
    execFile(program, args, { cwd }, (error, out, err) => {
      resolve({ exit: error === null ? 0 : Number(error.code), out: out + err });
    });
  });
const script = (command: string) => run('./run.sh', [command], unpacked);

const filters = { label: [`com.docker.compose.project=${project}`] };
const containers = () => engine().listContainers({ all: true, filters });

/** All that Compose and `docker load` left here of this test. */
async function removeProject(): Promise<void> {
  for (const { Id } of await containers()) await engine().getContainer(Id).remove({ force: true, v: true });
  for (const { Id } of await engine().listNetworks({ filters })) await engine().getNetwork(Id).remove();
  for (const { Name } of (await engine().listVolumes({ filters })).Volumes) await engine().getVolume(Name).remove();
  for (const reference of await loaded()) await engine().getImage(reference).remove();
}

const loaded = async () =>
  (await engine().listImages()).flatMap(({ RepoTags }) =>
    (RepoTags ?? []).filter((tag) => tag.startsWith('waybill.invalid/backend-system/')),
  );

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });

async function inspected(service: string) {
  const [found] = (await containers()).filter(({ Labels }) => Labels['com.docker.compose.service'] === service);
  if (found === undefined) throw new Error(`${service} has no container`);
  const info = await engine().getContainer(found.Id).inspect();
  const env = Object.fromEntries(
    info.Config.Env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { info, env };
}

describe('an exported docker-compose package', () => {
  it('is the same file every time, and holds what it says', async () => {
    const second = await exported();
    expect(second.file).toEqual(first.file);
    expect((await readFile(second.path)).equals(await readFile(first.path))).toBe(true);
    expect(sha256(await readFile(first.path))).toBe(first.file.digest);
    expect((await readdir(unpacked)).sort()).toEqual(
      ['.env.example', 'README.txt', 'SHA256SUMS', 'docker-compose.yaml', 'files', 'images.tar', 'run.sh'].sort(),
    );
    expect((await run('sha256sum', ['-c', 'SHA256SUMS'], unpacked)).exit).toBe(0);
    expect(first.notCarried.map(({ code, subject }) => `${subject} ${code}`)).toEqual([
      'web probe-not-carried',
      'web route-not-carried',
    ]);
    expect((await here.ask<Exported>('GET', `/exports/${first.id}`)).notCarried).toEqual(first.notCarried);
  });

  it('is called by its name when somebody inspects or imports it', async () => {
    const named = expect.stringContaining('a docker-compose package') as string;
    expect(await waybill(vendor, ['inspect', first.path])).toMatchObject({ exit: 3, err: named });
    expect(await waybill(vendor, ['import', first.path, '--confirm'])).toMatchObject({ exit: 3, err: named });
  });

  it('starts with Docker Compose alone, answers, keeps its secrets, stops, starts again, and leaves nothing', async () => {
    const port = await freePort();
    await writeFile(join(unpacked, '.env'), `COMPOSE_PROJECT_NAME=${project}\nWEB_PORT_80=${String(port)}\n`);
    const started = await script('start');
    expect([started.exit, started.out]).toEqual([0, expect.stringContaining('Generated SHU_JU_KU_MYSQL_MYSQL_PASS')]);
    const answers = () =>
      waitFor('an answer of web', () =>
        fetch(`http://127.0.0.1:${String(port)}/`).then(
          async (answer) => (answer.ok ? answer.text() : undefined),
          () => undefined,
        ),
      );
    expect(await answers()).not.toBe('');

    const [db, web] = [await inspected('shu-ju-ku-mysql'), await inspected('web')];
    expect(db.env['MYSQL_PASS']).toMatch(/^[0-9a-f]{32}$/);
    expect(web.env['MYSQL_PASS']).toBe(db.env['MYSQL_PASS']);
    expect(web.env).toMatchObject({
      MYSQL_HOST: 'shu-ju-ku-mysql',
      MYSQL_PORT: '3306',
      REGION: 'cn-north',
      LOG_LEVEL: 'info',
    });
    expect(web.info.HostConfig.NetworkMode).toBe(`${project}_default`);
    expect([db.info.HostConfig.Memory, web.info.HostConfig.NanoCpus]).toEqual([512 * 1024 ** 2, 100_000_000]);
    const resolved = await engine().getContainer(web.info.Id).inspect();
    expect(Object.keys(resolved.NetworkSettings.Networks)).toEqual([`${project}_default`]);

    expect((await script('status')).out).toContain('web');
    const env = await readFile(join(unpacked, '.env'), 'utf8');
    expect(await script('stop')).toMatchObject({ exit: 0 });
    expect((await containers()).map(({ State }) => State)).toEqual(['exited', 'exited']);

    await writeFile(join(unpacked, '.env'), `${env}WEB_LOG_LEVEL=debug\n`);
    expect(await script('start')).toMatchObject({ exit: 0 });
    expect(await answers()).not.toBe('');
    expect((await inspected('web')).env).toMatchObject({ LOG_LEVEL: 'debug', MYSQL_PASS: db.env['MYSQL_PASS'] });
    expect((await inspected('shu-ju-ku-mysql')).info.Id).toBe(db.info.Id);

    await removeProject();
    expect([await containers(), (await engine().listVolumes({ filters })).Volumes, await loaded()]).toEqual([
      [],
      [],
      [],
    ]);
  });
});
