import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '@waybill/packaging/testing';
import { call } from '../support/call.js';
import { startFront } from '../support/registry/front.js';
import { pushImage, type Pushed } from '../support/registry/push.js';
import {
  cleanRegistries,
  registryFolder,
  registryUser,
  startRegistry,
  type TestRegistry,
} from '../support/registry/registry.js';
import { cleanServers, freshFolder, startServer } from '../support/server.js';
import { waitFor } from '../support/waitFor.js';
import { waybill } from '../support/waybill.js';

const image = buildImage({ layers: [{ 'bin/web': 'web' }, { 'etc/shop': 'shop' }] });
let guarded: TestRegistry;
let pushed: Pushed;

beforeAll(async () => {
  const folder = await registryFolder();
  const open = await startRegistry(folder);
  pushed = await pushImage(open.host, 'shop/web', '1', image);
  guarded = await startRegistry(folder, { kind: 'password' });
});
afterAll(async () => {
  await cleanServers();
  await cleanRegistries();
});

/** The folder of somebody who logged in there. */
async function loggedIn(...hosts: readonly string[]): Promise<string> {
  const folder = join(await freshFolder(), '.docker');
  await mkdir(folder);
  const auth = Buffer.from(`${registryUser.user}:${registryUser.password}`).toString('base64');
  const auths = Object.fromEntries(hosts.map((host) => [host, { auth }]));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
  return folder;
}

const composeFor = (host: string) =>
  `services: {web: {image: "${host}/shop/web:1", ports: ["80"], environment: {LEVEL: info}}}`;

describe('publishing with images of a registry', () => {
  it('takes them with what the server’s user is logged in with, and remembers what their names meant', async () => {
    const server = await startServer({ env: { DOCKER_CONFIG: await loggedIn(guarded.host) } });
    const file = join(await freshFolder(), 'compose.yaml');
    await writeFile(file, composeFor(guarded.host));
    const args = ['publish', file, '--template', 'shop', '--version', '1.0', '--from', 'registry'];
    const published = await waybill(server, args);
    expect(published).toMatchObject({ exit: 0, out: expect.stringContaining('2 new layers') as unknown });
    const { body } = await call<{ origin: object; images: readonly object[] }>(
      server,
      'GET',
      '/api/v1/templates/shop/versions/1.0',
    );
    expect(body.origin).toEqual({
      kind: 'published',
      registry: [{ reference: `${guarded.host}/shop/web:1`, digest: pushed.digest }],
    });
    expect(body.images).toMatchObject([{ config: image.id, complete: true }]);
    expect(await waybill(server, args)).toMatchObject({
      exit: 0,
      out: expect.stringContaining('Nothing to do') as unknown,
    });
    expect(server.logs()).not.toContain(registryUser.password);
  });

  it('says what is wrong when the registry denies them', async () => {
    const server = await startServer({ env: { DOCKER_CONFIG: await freshFolder() } });
    const file = join(await freshFolder(), 'compose.yaml');
    await writeFile(file, composeFor(guarded.host));
    const args = ['publish', file, '--template', 'shop', '--version', '1.0', '--from', 'registry'];
    expect(await waybill(server, args)).toMatchObject({
      exit: 3,
      err: expect.stringContaining(`The registry ${guarded.host} denies`) as unknown,
    });
  });

  it('ends well when the server is killed while a layer comes', async () => {
    let isStuck = true;
    const asked: string[] = [];
    const front = await startFront(guarded.host, (request, _response, pass) => {
      const url = request.url ?? '';
      if (url.includes('/blobs/') && !url.endsWith(image.id)) asked.push(url);
      if (!isStuck || asked.length === 0) pass();
    });
    const env = { DOCKER_CONFIG: await loggedIn(front.host) };
    const killed = await startServer({ env });
    const headers = { 'idempotency-key': 'pull-1' };
    const body = { compose: composeFor(front.host), version: '1.0', images: [{ from: 'registry' }] };
    const first = call(killed, 'POST', '/api/v1/templates/shop/versions', { headers, body }).catch(() => undefined);
    await waitFor('a layer that is asked for', () => asked[0]);
    await killed.kill();
    await first;
    isStuck = false;
    const { data } = killed;
    const server = await startServer({ env, data });
    const again = await call(server, 'POST', '/api/v1/templates/shop/versions', { headers, body });
    expect(again).toMatchObject({ status: 201, body: { outcome: 'published', stored: { layers: 2 } } });
    expect(await readdir(join(data, 'content', 'staging'))).toEqual([]);
    await front.close();
  });
});
