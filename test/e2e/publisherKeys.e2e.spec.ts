import { randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootChain, type Envelope } from '@waybill/packaging';
import { call } from '../support/call.js';
import { sampleOf } from '../support/faults/killAnywhere.js';
import { mortalServer } from '../support/faults/mortalServer.js';
import { ordersOf } from '../support/faults/orders.js';
import { backendSystem, fixture } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { waybill } from '../support/waybill.js';

const isDeep = process.env['WAYBILL_TEST_DEEP'] === '1';
const seed = process.env['WAYBILL_TEST_SEED'] ?? randomUUID();

interface Shown {
  readonly publisher: string;
  readonly root: number;
  readonly key: string;
  readonly keys: readonly string[];
  readonly revoked: readonly { readonly key: string }[];
  readonly roots: readonly Envelope[];
}

afterAll(cleanServers);

describe('a vendor who changes keys', () => {
  let folder: string;
  let vendor: TestServer;
  let customer: TestServer;
  const [at, there] = [site(() => vendor), site(() => customer)];

  beforeAll(async () => {
    folder = await freshFolder();
    for (const version of ['1.0', '2.0'] as const) await copyFile(fixture(version), join(folder, `${version}.tar.gz`));
    vendor = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder, WAYBILL_PUBLISHER: 'Acme' } });
    customer = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
    for (const version of ['1.0', '2.0'])
      expect(await at.import(join(folder, `${version}.tar.gz`))).toMatchObject({ state: 'succeeded' });
  });

  const shown = () => at.ask<Shown>('GET', '/publisher');
  /** Carries a version to the customer, in a folder of its own. */
  async function carried(version: string): Promise<string> {
    const target = await freshFolder();
    const done = await waybill(vendor, ['export', backendSystem, version, '-o', target, '--json']);
    expect(done).toMatchObject({ exit: 0 });
    const { path } = JSON.parse(done.out) as { readonly path: string };
    const file = join(folder, `${randomUUID()}.waybill`);
    await copyFile(path, file);
    return file;
  }

  it('is followed by sites that nobody touches, and heard when a key is revoked', async () => {
    const roots = join(folder, 'publisher-roots.json');
    const first = await shown();
    expect(await waybill(vendor, ['publisher', 'show', '-o', roots])).toMatchObject({
      exit: 0,
      out: expect.stringContaining(first.key) as string,
    });
    expect(rootChain(JSON.parse(await readFile(roots, 'utf8')) as readonly Envelope[]).publisher).toBe(first.publisher);
    expect(await waybill(customer, ['trust', 'add', roots, '--fingerprint', first.publisher])).toMatchObject({
      exit: 0,
    });
    expect(await there.import(await carried('1.0'))).toMatchObject({ state: 'succeeded' });
    const late = await carried('1.0');

    expect(await waybill(vendor, ['publisher', 'rotate'])).toMatchObject({ exit: 0 });
    const second = await shown();
    expect([second.publisher, second.root, second.keys]).toEqual([first.publisher, 2, [second.key]]);
    expect(second.key).not.toBe(first.key);
    expect(await there.import(await carried('2.0'))).toMatchObject({ state: 'succeeded' });
    const { publishers } = await there.ask<{ publishers: readonly Shown[] }>('GET', '/trust');
    expect(publishers).toMatchObject([{ publisher: first.publisher, root: 2, keys: [second.key] }]);
    // A key that was only replaced still counts on what it signed.
    expect(await there.import(late)).toMatchObject({ state: 'succeeded' });

    const stolen = ['publisher', 'revoke', first.key, '--reason', 'stolen'];
    expect(await waybill(vendor, stolen)).toMatchObject({ exit: 0 });
    expect(await waybill(vendor, stolen)).toMatchObject({
      exit: 0,
      err: expect.stringContaining('revoked already') as string,
    });
    expect(await shown()).toMatchObject({ root: 3, key: second.key, revoked: [{ key: first.key }] });
    expect(await there.import(await carried('2.0'))).toMatchObject({ state: 'succeeded' });
    const refused = await waybill(customer, ['import', '--confirm', '--server-path', late]);
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining(first.key)]);
    const other = `SHA256:${'A'.repeat(43)}`;
    expect(await waybill(vendor, ['publisher', 'revoke', other, '--reason', 'none'])).toMatchObject({ exit: 4 });
  });

  it('revokes the key that signs, which gets a successor; a restarted server knows it all', async () => {
    const before = await shown();
    const body = { key: before.key, reason: 'lost' };
    expect(await at.ask('POST', '/publisher/revoked-keys?dryRun=true', body)).toMatchObject({ changed: true });
    expect(await shown()).toEqual(before);
    await at.ask('POST', '/publisher/revoked-keys', body);
    const after = await shown();
    expect([after.root, after.keys]).toEqual([before.root + 1, [after.key]]);
    expect(after.key).not.toBe(before.key);
    expect(await vendor.stop()).toBe(0);
    vendor = await startServer({ data: vendor.data, env: { WAYBILL_IMPORT_ROOTS: folder } });
    expect(await shown()).toEqual(after);
    const { data } = vendor;
    expect((await readdir(data)).filter((name) => name.startsWith('signing-key'))).toEqual(['signing-key']);
    expect(await there.import(await carried('2.0'))).toMatchObject({ state: 'succeeded' });
  });
});

it('a server that is killed anywhere while it changes its key has one key and one root more when it comes up', async () => {
  const server = await mortalServer({});
  const rotate = (key: string) =>
    server.insist<{ readonly publisher: Shown }>('POST', '/publisher/rotate', { key, body: {} });
  const shown = async () => (await call<Shown>(await server.alive(), 'GET', '/api/v1/publisher')).body;
  await server.forget();
  await rotate('traced');
  const orders = ordersOf(await server.passings());
  const chosen = isDeep ? orders : sampleOf(orders, 4, seed);
  let reached = 0;
  for (const order of chosen) {
    const before = await shown();
    await server.dieAt(order);
    const answer = await rotate(order);
    if (await server.spare()) reached += 1;
    const after = await shown();
    expect([order, answer.status, after.root]).toEqual([order, 200, before.root + 1]);
    expect(after.keys).toEqual([after.key]);
    expect(rootChain(after.roots).newest.version).toBe(after.root);
    expect((await rotate(order)).body).toEqual(answer.body);
  }
  expect(reached).toBeGreaterThanOrEqual(chosen.length - 1);
  await server.stop();
}, 600_000);
