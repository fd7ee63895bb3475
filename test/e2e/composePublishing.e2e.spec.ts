import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImageArchive, type BuiltImage } from '@waybill/packaging/testing';
import { call } from '../support/call.js';
import { cleanInstances, engine } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { serving, shellImage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import type { InstanceAnswer } from '../support/site.js';
import { waybill } from '../support/waybill.js';

const key = `composed-${process.pid}`;
const reference = (name: string) => `test/${key}-${name}:1`;
const NAME = `${key}-one`;
const made = new Set<string>();
let server: TestServer;
let images: readonly BuiltImage[] = [];

beforeAll(async () => {
  server = await startServer();
  images = [await shellImage(reference('back'), serving('back')), await shellImage(reference('web'), serving('web'))];
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
  await removeImages(images);
});

it('a Compose file with images of the engine becomes a version, is installed, and answers', async () => {
  const folder = await freshFolder();
  await loaded(images);
  await writeFile(join(folder, 'web.env'), 'LEVEL=info\n');
  const file = join(folder, 'compose.yaml');
  await writeFile(
    file,
    `
x-waybill: {generate: [PASSWORD]}
services:
  My_Back: {image: "${reference('back')}", environment: {PASSWORD: "\${PASSWORD}"}, expose: [80]}
  web:
    image: "${reference('web')}"
    env_file: web.env
    environment: {PASSWORD: "\${PASSWORD}", BACK: "http://My_Back:80/"}
    ports: ["80"]
    depends_on: [My_Back]
    healthcheck: {test: "test -n \\"$$PASSWORD\\" && wget -q -O - $$BACK", interval: 1s, start_period: 30s}
`,
  );
  const sbom = join(folder, 'web.cdx.json');
  await writeFile(sbom, '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}');
  const publish = ['publish', file, '--template', key, '--version', '1.0', '--from', 'engine', '--sbom'];
  for (const more of [['--dry-run'], []]) {
    const refused = await waybill(server, [...publish, `wbe=${sbom}`, ...more]);
    expect(refused).toMatchObject({
      exit: 4,
      err: expect.stringContaining(`${reference('back')} (of My_Back)`) as unknown,
    });
  }
  expect(await waybill(server, ['template', 'show', key])).toMatchObject({ exit: 4 });
  const published = await waybill(server, [...publish, `web=${sbom}`]);
  expect(published.err).toContain('of web is attached');
  expect(published).toMatchObject({ exit: 0 });
  expect(published.out).toContain(`Published version 1.0 of ${key}: `);
  expect(published.out).toContain('leads to My_Back by a fixed text');
  const { out: shown } = await waybill(server, ['template', 'show', key, '1.0']);
  const count = Number(/^Notices: +(\d+): waybill inspect of an exported package lists them$/m.exec(shown)?.[1]);
  const exported = await waybill(server, ['export', key, '1.0', '-o', folder, '--json']);
  const { path } = JSON.parse(exported.out) as { readonly path: string };
  const { notices } = JSON.parse((await waybill(server, ['inspect', path, '--json'])).out) as {
    readonly notices: readonly { readonly message: string }[];
  };
  expect([notices.length, count]).toEqual([count, expect.any(Number)]);
  for (const { message } of notices) expect(published.out).toContain(message);
  expect(await waybill(server, ['install', key, '--name', NAME, '--yes'])).toMatchObject({ exit: 0 });
  const { body } = await call<InstanceAnswer>(server, 'GET', `/api/v1/instances/${NAME}`);
  made.add(body.id);
  const port = body.components.find(({ name }) => name === 'web')?.ports[0]?.hostPort;
  expect(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text()).toContain('web');
});

async function loaded(all: readonly BuiltImage[]): Promise<void> {
  const stream = await engine().loadImage(Readable.from([buildImageArchive({ images: all })], { objectMode: false }));
  await text(stream);
}
