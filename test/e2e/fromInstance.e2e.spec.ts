import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImageArchive, type BuiltImage } from '@waybill/packaging/testing';
import { call } from '../support/call.js';
import { cleanInstances, engine } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { shellImage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import type { InstanceAnswer } from '../support/site.js';
import { waybill } from '../support/waybill.js';

const key = `amended-${process.pid}`;
const reference = `test/${key}:1`;
const serve = 'mkdir -p /www; exec httpd -f -p 80 -h /www';
const made = new Set<string>();
let vendor: TestServer;
let image: BuiltImage;

beforeAll(async () => {
  vendor = await startServer();
  image = await shellImage(reference, serve);
  const archive = Readable.from([buildImageArchive({ images: [image] })], { objectMode: false });
  await text(await engine().loadImage(archive));
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
  await removeImages([image]);
});

const COMPOSE = `
x-waybill: {template: ${key}, name: Shop, version: "1.0", generate: [PASSWORD], notes: The first one.}
services:
  back:
    image: "${reference}"
    environment: {PASSWORD: "\${PASSWORD}", COLOUR: blue}
    expose: [80]
    healthcheck: {test: [CMD, "true"], interval: 1s}
    x-waybill: {key: backend, offer: [PASSWORD, COLOUR]}
  web:
    image: "${reference}"
    environment: {LEVEL: info, FIXED: "yes"}
    ports: ["80"]
    healthcheck: {test: [CMD, "true"], interval: 1s}
    depends_on: [back]
    configs: [{source: told, target: /www/told.txt}]
    x-waybill: {name: Shop front, change: [LEVEL]}
configs: {told: {file: ./told.txt}}
`;
const TOLD = 'level=${LEVEL} password=${PASSWORD} colour=${COLOUR}\n';

/** What `web` of an instance tells in its file. */
async function toldBy(server: TestServer, name: string): Promise<string> {
  const { body } = await call<InstanceAnswer>(server, 'GET', `/api/v1/instances/${name}`);
  made.add(body.id);
  const port = body.components.find((each) => each.name === 'Shop front')?.ports[0]?.hostPort;
  return (await fetch(`http://127.0.0.1:${String(port)}/told.txt`)).text();
}

async function done(server: TestServer, ...args: readonly string[]): Promise<string> {
  const ended = await waybill(server, args);
  expect(ended, args.join(' ')).toEqual({ ...ended, exit: 0 });
  return ended.out;
}

it('what x-waybill says reaches a running instance, and what runs there becomes the next version, which others install', async () => {
  const folder = await freshFolder();
  const file = join(folder, 'compose.yaml');
  await writeFile(file, COMPOSE);
  await writeFile(join(folder, 'told.txt'), TOLD);
  await done(vendor, 'publish', file, '--from', 'engine');
  expect(await done(vendor, 'template', 'versions', key)).toContain('The first one.');
  const dev = `${key}-dev`;
  await done(vendor, 'install', key, '--name', dev, '--yes');
  const first = await toldBy(vendor, dev);
  expect(first).toMatch(/^level=info password=[^$ ]{8,} colour=blue$/m);

  expect(await waybill(vendor, ['set', dev, 'web.FIXED=no'])).toMatchObject({ exit: 3 });
  await done(vendor, 'set', dev, 'web.LEVEL=debug', 'web/memory=96');
  await done(vendor, 'apply', dev, '--yes');
  await done(vendor, 'set', dev, 'web.LEVEL=trace');
  const beside = ['publish', '--from-instance', dev, '--version', '1.1'];
  expect(await waybill(vendor, [...beside, '--from', 'engine'])).toMatchObject({ exit: 2 });
  expect(await waybill(vendor, [...beside, '--template', 'other'])).toMatchObject({
    exit: 2,
    err: expect.stringContaining(`${dev} is an instance of ${key}`) as unknown,
  });
  const args = ['publish', '--from-instance', dev, '--version', '1.1', '--notes', 'Tells more.'];
  const published = await done(vendor, ...args);
  expect(published).toContain(`Published version 1.1 of ${key}`);
  expect(published).toContain('web/env/LEVEL: the setting waits');
  expect(await done(vendor, ...args)).toContain('Nothing to do');
  const difference = await done(vendor, 'template', 'diff', key, '1.0', '1.1');
  expect(difference.split('\n').slice(0, 3)).toEqual([
    '~ Shop front',
    expect.stringContaining('LEVEL: info → debug') as string,
    expect.stringContaining('96') as string,
  ]);
  expect(await done(vendor, 'template', 'show', key, '1.1')).toMatch(
    new RegExp(`From: +the instance ${dev}\n[^]*What 1\\.0 said otherwise:`),
  );

  const next = join(folder, 'next.yaml');
  await writeFile(
    next,
    `
services:
  web: {image: "${reference}", ports: ["80"], healthcheck: {test: [CMD, "true"], interval: 1s}, depends_on: [back], configs: [told], x-waybill: {name: Shop front}}
  back: {x-waybill: {from: {template: ${key}, version: "1.1", component: backend}}}
configs: {told: {file: ./told.txt}}
`.replace('configs: [told]', 'configs: [{source: told, target: /www/told.txt}], environment: {LEVEL: none}'),
  );
  await done(vendor, 'publish', next, '--template', `${key}-b`, '--version', '1', '--from', 'engine');

  const out = join(folder, 'out');
  await done(vendor, 'export', key, '1.1', '-o', out);
  await done(vendor, 'export', `${key}-b`, '1', '-o', out);
  const site = await startServer({ env: { WAYBILL_TRUST: join(vendor.data, 'publisher-roots.json') } });
  const packages = (await readdir(out)).sort().map((name) => join(out, name));
  expect(packages).toHaveLength(2);
  await done(site, 'import', '--confirm', ...packages);
  const shown = await done(site, 'template', 'show', key, '1.1');
  expect(shown).toContain('Tells more.');
  expect(shown).toMatch(/^Published: +20/m);
  await done(site, 'install', key, '--name', `${key}-site`, '--yes');
  const told = await toldBy(site, `${key}-site`);
  expect(told).toMatch(/^level=debug password=[^$ ]{8,} colour=blue$/m);
  expect(told).not.toBe(first.replace('info', 'debug'));
  await done(site, 'install', `${key}-b`, '--name', `${key}-b`, '--yes');
  expect(await toldBy(site, `${key}-b`)).toMatch(/^level=none password=[^$ ]{8,} colour=blue$/m);
});
