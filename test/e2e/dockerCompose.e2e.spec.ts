import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { engine } from '../support/engine.js';
import { backendSystem, fixture, serving, shellImage, webPort, writePackage } from '../support/fixtures.js';
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
const rich = `rich-${project}`;

beforeAll(async () => {
  folder = await freshFolder();
  await writeFile(join(folder, '1.0.tar.gz'), await readFile(fixture('1.0')));
  vendor = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  here = site(() => vendor);
  expect(await here.import(join(folder, '1.0.tar.gz'))).toMatchObject({ state: 'succeeded' });
  first = await exported();
  unpacked = await unpack(first);
});
afterAll(async () => {
  await removeProject();
  await cleanServers();
});

async function exported(template = backendSystem): Promise<Exported> {
  const args = ['export', template, '1.0', '--format', 'docker-compose', '-o', await freshFolder(), '--json'];
  const { exit, out, err } = await waybill(vendor, args);
  expect([exit, err]).toEqual([0, expect.stringContaining('Not carried:\n')]);
  return JSON.parse(out) as Exported;
}

async function unpack({ path, file }: Exported): Promise<string> {
  const target = await freshFolder();
  expect(await run('tar', ['-xzf', path, '-C', target])).toEqual({ exit: 0, out: '' });
  return join(target, file.name.replace('.tar.gz', ''));
}

const run = (program: string, args: readonly string[], cwd = '/') =>
  new Promise<{ readonly exit: number; readonly out: string }>((resolve) => {
    execFile(program, args, { cwd }, (error, out, err) => {
      resolve({ exit: error === null ? 0 : Number(error.code), out: out + err });
    });
  });
const script = (command: string, folder_ = unpacked) => run('./run.sh', [command], folder_);

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
    (RepoTags ?? []).filter(
      (tag) => tag.startsWith('waybill.invalid/backend-system/') || tag.startsWith(`waybill.invalid/${rich}/`),
    ),
  );

/** The first of two ports of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  for (;;) {
    const first = await listenOnce(0);
    if (first !== undefined && (await listenOnce(first + 1)) !== undefined) return first;
  }
}

const listenOnce = (port: number) =>
  new Promise<number | undefined>((resolve) => {
    const server = createServer()
      .once('error', () => {
        resolve(undefined);
      })
      .listen(port, () => {
        const { port: found } = server.address() as AddressInfo;
        server.close(() => {
          resolve(found);
        });
      });
  });

const answer = (port: number) =>
  waitFor('an answer', () =>
    fetch(`http://127.0.0.1:${String(port)}/`).then(
      async (found) => (found.ok ? found.text() : undefined),
      () => undefined,
    ),
  );

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
    expect(await answer(port)).not.toBe('');

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
    expect(await answer(port)).not.toBe('');
    expect((await inspected('web')).env).toMatchObject({ LOG_LEVEL: 'debug', MYSQL_PASS: db.env['MYSQL_PASS'] });
    expect((await inspected('shu-ju-ku-mysql')).info.Id).toBe(db.info.Id);

    await removeProject();
    expect([await containers(), (await engine().listVolumes({ filters })).Volumes, await loaded()]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it('keeps what a template says: jobs, replicas, probes, files with secrets, memory, hosts elsewhere, and odd values', async () => {
    const odd = 'a $HOME ${NONE} "q" \'s\' \\ #\nsecond: [line]';
    const conf = 'key=${KEY} level=${LEVEL}\nhost=${OUT_HOST}';
    const reference = (name: string) => `test/${rich}-${name}:1`;
    await here.import(
      await writePackage(folder, {
        key: rich,
        version: '1.0',
        images: [
          await shellImage(reference('init'), 'echo ready > /shared/ready'),
          await shellImage(reference('api'), serving('').replace('exec', 'cp /etc/api.conf /www/index.html; exec')),
        ],
        components: [
          {
            key: 'init',
            image: reference('init'),
            more: {
              extend_method: 'job',
              service_volume_map_list: [{ volume_name: 'shared', volume_path: '/shared', volume_type: 'share-file' }],
            },
          },
          {
            key: 'api',
            image: reference('api'),
            dependsOn: ['init', 'out'],
            env: { ODD: odd, KEY: '**None:key**', LEVEL: 'info' },
            more: {
              extend_method_map: { min_node: 2, init_memory: 64 },
              port_map_list: [webPort(true)],
              mnt_relation_list: [{ service_share_uuid: 'init+init', mnt_name: 'shared', mnt_dir: '/seen' }],
              service_volume_map_list: [
                { volume_name: 'conf', volume_path: '/etc/api.conf', volume_type: 'config-file', file_content: conf },
                { volume_name: 'fast', volume_path: '/fast', volume_type: 'memoryfs', volume_capacity: 1 },
              ],
              probes: [
                {
                  mode: 'liveness',
                  scheme: 'cmd',
                  cmd: 'test -e /seen/ready',
                  initial_delay_second: 0,
                  period_second: 1,
                  timeout_second: 5,
                  failure_threshold: 3,
                  success_threshold: 1,
                  is_used: true,
                },
              ],
            },
          },
          {
            key: 'out',
            image: '',
            more: {
              service_source: 'third_party',
              endpoints: { endpoints_info: '["10.9.8.7"]', endpoints_type: 'static' },
              port_map_list: [{ ...webPort(false), port_alias: 'OUT' }],
            },
          },
        ],
      }),
    );
    const target = await unpack(await exported(rich));
    const port = await freePort();
    const range = `${String(port)}-${String(port + 1)}`;
    await writeFile(join(target, '.env'), `COMPOSE_PROJECT_NAME=${project}\nAPI_PORT_80=${range}\n`);
    const started = await script('start', target);
    expect([started.exit, started.out]).toEqual([0, expect.stringContaining('Generated SECRET_KEY')]);
    const { env, info } = await inspected('api');
    expect(await answer(port)).toBe(`key=${env['KEY'] ?? ''} level=info\nhost=out`);
    expect(await answer(port + 1)).toBe(await answer(port));
    expect(env['KEY']).toMatch(/^[0-9a-f]{32}$/);
    expect(env['ODD']).toBe(odd);
    expect([info.HostConfig.ExtraHosts, info.HostConfig.Init]).toEqual([['out:10.9.8.7'], true]);
    expect(info.Mounts.map(({ Type, Destination, RW }) => [Type, Destination, RW]).sort()).toEqual([
      ['bind', '/etc/api.conf', false],
      ['tmpfs', '/fast', true],
      ['volume', '/seen', true],
    ]);
    await waitFor('the health of api', async () => {
      const { State } = (await inspected('api')).info;
      return State.Health?.Status === 'healthy' ? true : undefined;
    });
    expect((await inspected('init')).info.State).toMatchObject({ Status: 'exited', ExitCode: 0 });

    await removeProject();
  });
});
