import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildRamPackage, ramMetadata, type BuiltImage } from '@waybill/packaging/testing';
import { call } from '../support/call.js';
import { cleanInstances, containersOf, engine } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { httpProbe, serving, shellImage, webPort } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';

/** Clears a screen, names a window, rings, goes back, turns text around, adds a line, ends a header, begins markup and a shell's command. */
const hostile = (name: string) =>
  `${name}\u001b[2J\u001b]0;owned\u0007\b\r\n\u009b31m\u202egnp.exe\u2066\u200b\u2028Set-Cookie: a=b\t<script>"'\`$(id)\`; rm -rf / #%s{entry}\u007f`;
const ACTS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b]/u;

const program = join(import.meta.dirname, '../../apps/cli/bin/waybill.mjs');
const key = `hostile${randomBytes(4).toString('hex')}`;
const shop = `${key}-shop`;
const images: BuiltImage[] = [];
const instances: string[] = [];
let server: TestServer;
let folder: string;
let file: string;
const here = site(() => server);

/** A package that is legal and whose every free text is hostile. */
async function written(version: string, line: string): Promise<string> {
  const reference = `test/${key}:${version}`;
  const image = await shellImage(reference, line);
  images.push(image);
  const variable = (name: string) => ({
    attr_name: name,
    name: hostile('label'),
    attr_value: hostile('value'),
    is_change: true,
    container_port: 0,
  });
  const metadata = ramMetadata({
    key,
    name: hostile('template'),
    version,
    components: [
      {
        key: 'web',
        name: hostile('component'),
        image: reference,
        more: {
          k8s_component_name: hostile('k8s'),
          port_map_list: [{ ...webPort(true), port_alias: hostile('ALIAS'), k8s_service_name: hostile('host') }],
          service_env_map_list: [variable(hostile('NAME')), variable('PLAIN')],
          service_connect_info_map_list: [variable(hostile('OFFERED'))],
          service_volume_map_list: [
            {
              volume_name: hostile('volume'),
              volume_path: `/data/${hostile('path').replaceAll('/', '')}`,
              volume_type: 'share-file',
            },
            {
              volume_name: hostile('file'),
              volume_path: '/etc/hostile.conf',
              volume_type: 'config-file',
              file_content: hostile('content'),
            },
          ],
          component_monitors: [{ name: hostile('monitor') }],
          labels: { [hostile('label')]: hostile('label') },
          [hostile('unknown')]: hostile('field'),
          probes: [httpProbe(80)],
        },
      },
    ],
    more: {
      k8s_resources: [{ name: hostile('resource'), kind: hostile('kind'), content: hostile('yaml') }],
      app_config_groups: [
        {
          name: hostile('group'),
          injection_type: 'env',
          config_items: { [hostile('ITEM')]: hostile('value') },
          component_keys: ['web', hostile('nobody')],
        },
      ],
      [hostile('top')]: { [hostile('below')]: 1 },
    },
  });
  const path = join(folder, `${hostile(`${key}-${version}`).replaceAll('/', '')}.tar.gz`);
  await writeFile(
    path,
    await buildRamPackage({
      metadata,
      images: [image],
      mutate: (entries) => [...entries, { name: 'package-1.0-ram/notes $(id).txt' }],
    }),
  );
  return path;
}

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  file = await written('1.0', `echo 'said: \u001b[31m\u202e'; ${serving('well')}`);
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages(images);
});

/** Runs the command line as a person and as a program does, and looks at every byte it printed. */
async function waybill(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, WAYBILL_URL: server.url, WAYBILL_DATA: server.data, WAYBILL_TOKEN: '' };
  const { exit, out, err } = await new Promise<{ exit: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) =>
      resolve({ exit: error === null ? 0 : error.code, out: stdout, err: stderr }),
    );
  });
  expect([args, exit, err]).toEqual([args, 0, err]);
  const acting = `${out}${err}`.split('\n').filter((line) => ACTS.test(line));
  expect([args, acting]).toEqual([args, []]);
  return out;
}

it('A package whose every free text is hostile is carried from inspection to removal, and acts on no terminal, log, header or engine', async () => {
  expect(await waybill('inspect', file)).toContain('component\\u001b[2J');
  await waybill('inspect', file, '--json');
  await waybill('import', '--confirm', file);
  for (const args of [
    ['template', 'list'],
    ['template', 'show', key],
    ['template', 'versions', key],
    ['template', 'show', key, '1.0'],
  ])
    await waybill(...args);
  await waybill('install', key, '--name', shop, '--yes');
  instances.push((await here.instance(shop)).id);
  for (const args of [['list'], ['show', shop], ['settings', shop], ['history', shop], ['drift', shop]])
    for (const json of [[], ['--json']]) await waybill(...args, ...json);

  const [container] = await containersOf(instances[0] ?? '');
  const found = await engine()
    .getContainer(container?.Id ?? '')
    .inspect();
  const networks = Object.values(found.NetworkSettings.Networks);
  const { Volumes: volumes } = await engine().listVolumes({
    filters: { label: [`waybill.instance=${instances[0] ?? ''}`] },
  });
  expect(volumes).toHaveLength(1);
  const names = [
    ...volumes.flatMap(({ Name, Labels }) => [Name, ...Object.values(Labels)]),
    found.Name,
    ...Object.entries(found.Config.Labels).flat(),
    ...networks.flatMap((network) => [
      ...((network.Aliases ?? []) as string[]),
      ...Object.keys(found.NetworkSettings.Networks),
    ]),
    ...(found.Mounts ?? []).map((mount) => mount.Name ?? ''),
    found.Config.Hostname,
    ...((found.HostConfig.ExtraHosts ?? []) as string[]),
  ];
  expect(names.filter((name) => ACTS.test(name))).toEqual([]);
  expect(found.Config.Env).toContain(`PLAIN=${hostile('value')}`);

  for (const path of [
    '/templates',
    `/templates/${key}`,
    '/imports',
    '/instances',
    `/instances/${shop}`,
    `/instances/${shop}/records`,
  ]) {
    const answer = await call(server, 'GET', `/api/v1${path}`);
    const headers = [...answer.headers].flat();
    expect([path, answer.status, headers.filter((text) => /[^\t\x20-\x7e]/.test(text))]).toEqual([path, 200, []]);
    expect(answer.headers.get('set-cookie')).toBeNull();
  }
  const refused = await call(server, 'GET', `/api/v1/instances/${encodeURIComponent(hostile('x').toWellFormed())}`);
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(String(refused.body['detail'])).not.toMatch(ACTS);

  await waybill('remove', shop, '--volumes', '--yes');
  const log = server.logs().split('\n');
  expect(log.filter((line) => ACTS.test(line))).toEqual([]);
  for (const line of log.filter((each) => each.startsWith('{')))
    expect(() => JSON.parse(line) as unknown).not.toThrow();
}, 300_000);
