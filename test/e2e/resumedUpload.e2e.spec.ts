import { randomBytes } from 'node:crypto';
import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from '@waybill/packaging/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { countingProxy, type CountingProxy } from '../support/countingProxy.js';
import { writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { uploadFile } from '../support/upload.js';
import { waitFor } from '../support/waitFor.js';
import { startWaybill } from '../support/startWaybill.js';

const MB = 1024 ** 2;
const CHUNK = 8 * MB;
/** Headers of some dozens of requests. */
const HEADERS = 64 * 1024;

/** Every further kill costs a start of the server. */
const deep = process.env['WAYBILL_TEST_DEEP'] === '1';

let file: string;
let size: number;
let server: TestServer;
let proxy: CountingProxy | undefined;

beforeAll(async () => {
  const blob = randomBytes(12 * MB).toString('latin1');
  const images = [buildImage({ references: ['test/large:1.0'], layers: [{ blob }] })];
  const components = [{ key: 'large', image: 'test/large:1.0' }];
  file = await writePackage(await freshFolder(), { key: 'large', version: '1.0', components, images });
  ({ size } = await stat(file));
});
afterEach(() => proxy?.close());
afterAll(cleanServers);

const environment = async (through: CountingProxy, state?: string) => ({
  WAYBILL_URL: through.url,
  WAYBILL_TOKEN: server.adminToken,
  XDG_STATE_HOME: state ?? (await freshFolder()),
});

/** What is seen of a terminal's line, one after the other, as numbers. */
const numbers = (written: string, pattern: RegExp): readonly number[] =>
  [...written.matchAll(pattern)].map(([, number]) => Number(number));
const sorted = (given: readonly number[]): readonly number[] => [...given].sort((a, b) => a - b);

describe('an upload by the command line', () => {
  it('loses at most a chunk each time the server is killed, and its bar never goes back', async () => {
    server = await startServer();
    const { data } = server;
    proxy = await countingProxy(server, 24 * MB);
    const through = proxy;
    const offsets = deep ? [1, MB / 2, 5 * MB, CHUNK, 9 * MB, 11.9 * MB] : [MB / 2, 9 * MB];
    const restarts: Promise<void>[] = [];
    const killAndRestart = async () => {
      await server.kill();
      server = await startServer({ data });
      through.leadTo(server);
    };
    for (const offset of offsets) through.at(offset, () => restarts.push(killAndRestart()));
    const cli = startWaybill(['import', '--confirm', file], { env: await environment(through), columns: 100 });
    expect(await cli.ended, cli.out()).toBe(0);
    await Promise.all(restarts);
    expect(restarts).toHaveLength(offsets.length);
    expect(cli.out()).toContain('Version 1.0 of large is in the catalog.');
    expect(through.sent() - size).toBeLessThanOrEqual(offsets.length * CHUNK + HEADERS);
    const shares = numbers(cli.out(), /uploading .*? {2}(\d+) %/g);
    expect(shares.length).toBeGreaterThan(3);
    expect(shares).toEqual(sorted(shares));
    expect(shares.at(-1)).toBe(100);
    const steps = numbers(cli.out(), /\[(\d)\/3\]/g);
    expect(steps).toEqual(sorted(steps));
    await server.stop();
  });

  it('goes on where it was when the command line is killed or interrupted and run again', async () => {
    server = await startServer();
    proxy = await countingProxy(server, 5 * MB);
    const through = proxy;
    const state = await freshFolder();
    const env = await environment(through, state);
    const begin = () => startWaybill(['import', '--confirm', file], { env });

    const killed = begin();
    through.at(4 * MB, () => killed.process.kill('SIGKILL'));
    await killed.ended;
    const interrupted = begin();
    await waitFor('the upload', () => (interrupted.err().includes('uploading') ? true : undefined));
    interrupted.process.kill('SIGINT');
    expect(await interrupted.ended).toBe(130);
    expect(interrupted.err()).toMatch(
      /^uploading \S+\nWhat has arrived stays there for a week\. The same command goes on from there\.\n$/,
    );
    const last = begin();
    expect(await last.ended, last.err()).toBe(0);

    expect(killed.err()).toMatch(/^reading \S+\nuploading \S+\n$/);
    // A log gets lines, one for each step, and no line is written over.
    expect(last.err()).toMatch(/^uploading \S+\n(\[\d\/3\] [a-z ]+\n)*$/);
    expect(through.sent() - size).toBeLessThanOrEqual(2 * CHUNK + HEADERS);
    expect(await readdir(join(server.data, 'uploads'))).toEqual([]);
    await server.stop();
  });
});

describe('the digest of an upload', () => {
  it('is compared with the one announced, and what differs is refused and removed', async () => {
    server = await startServer();
    const wrong = `sha256:${'0'.repeat(64)}`;
    await expect(uploadFile(server, file, { chunkSize: CHUNK, sha256: wrong })).rejects.toThrow(
      'upload-digest-differs',
    );
    expect(await readdir(join(server.data, 'uploads'))).toEqual([]);
    await expect(uploadFile(server, file, { chunkSize: CHUNK, sha256: 'none' })).rejects.toThrow('invalid-request');
  });

  it('finds an upload again, for whoever began it only', async () => {
    const sha256 = `sha256:${'1'.repeat(64)}`;
    const { id } = await uploadFile(server, file, { chunkSize: CHUNK, stopAfter: CHUNK, sha256 });
    const listed = await call(server, 'GET', `/api/v1/uploads?sha256=${sha256}`);
    const created = expect.any(String) as string;
    expect(listed.body).toEqual({
      items: [{ id, name: 'large-1.0-ram.tar.gz', size, received: CHUNK, sha256, created }],
    });
    expect((await call(server, 'GET', '/api/v1/uploads?sha256=1')).status).toBe(400);
    expect((await call(server, 'GET', `/api/v1/uploads?sha256=sha256:${'2'.repeat(64)}`)).body).toEqual({ items: [] });
    const issued = await call(server, 'POST', '/api/v1/tokens', { body: { account: 'olga', roles: ['operator'] } });
    const others = await call(server, 'GET', '/api/v1/uploads', { token: String(issued.body['token']) });
    expect(others.body).toEqual({ items: [] });
  });

  it('is compared after a restart as well, before the upload counts as complete', async () => {
    const sha256 = `sha256:${'3'.repeat(64)}`;
    const { id, url } = await uploadFile(server, file, { chunkSize: CHUNK, stopAfter: CHUNK, sha256 });
    const path = join(server.data, 'uploads', id);
    await server.kill();
    // The last bytes had been written, and nobody had been told.
    await truncate(path, size);
    server = await startServer({ data: server.data });
    const begun = await call(server, 'POST', '/api/v1/imports', { body: { upload: id } });
    expect([begun.status, begun.body['code']]).toEqual([422, 'upload-digest-differs']);
    const { pathname } = new URL(url);
    const gone = await waitFor('the upload to be gone', async () => {
      const { status } = await call(server, 'HEAD', pathname, { headers: { 'tus-resumable': '1.0.0' } });
      return status === 404 ? status : undefined;
    });
    expect(gone).toBe(404);
    await server.stop();
  });
});
