import { once } from 'node:events';
import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { unpackPackage } from '../support/unpackPackage.js';
import { uploadFile } from '../support/upload.js';
import { waitFor } from '../support/waitFor.js';

const fixture = (version: string) => join(import.meta.dirname, `../fixtures/backend-system-${version}-ram.tar.gz`);
const KEY = 'f3a8c1de5b7c4cb0a8de0c1f6a5b4e77';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(cleanServers);

interface Operation {
  readonly state: string;
  readonly detail: string;
}

/** Follows an operation to its end, or to where a person is waited for; answers every state it was told of. */
async function follow(operation: string, on = server): Promise<readonly Operation[]> {
  const response = await fetch(`${on.url}/api/v1/operations/${operation}/stream`, {
    headers: { authorization: `Bearer ${on.adminToken}` },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('id: '));
  return events.map((event) => JSON.parse(event.replace(/^id: \S+\nevent: operation\ndata: /, '')) as Operation);
}

const importOf = async (body: Record<string, unknown>, on = server) =>
  call<{ id: string; operation: string; state: string }>(on, 'POST', '/api/v1/imports', { body });

describe('an upload', () => {
  it('that was interrupted goes on where it stopped', async () => {
    const first = await uploadFile(server, fixture('1.0'), { chunkSize: 256 * 1024, stopAfter: 300 * 1024 });
    const half = await call(server, 'POST', '/api/v1/imports', { body: { upload: first.id } });
    expect([half.status, half.body['code']]).toEqual([409, 'upload-incomplete']);
    const second = await uploadFile(server, fixture('1.0'), { resume: first.url });
    const whole = await readFile(fixture('1.0'));
    expect(second.url).toBe(first.url);
    expect(first.sent + second.sent).toBe(whole.length);
    expect((await readFile(join(server.data, 'uploads', first.id))).equals(whole)).toBe(true);
    await call(server, 'DELETE', new URL(first.url).pathname, { headers: { 'tus-resumable': '1.0.0' } });
  });

  it('survives the server being killed in the middle', async () => {
    const before = await startServer();
    const { url } = await uploadFile(before, fixture('1.0'), { chunkSize: 256 * 1024, stopAfter: 300 * 1024 });
    await before.kill();
    const after = await startServer({ data: before.data });
    const { id } = await uploadFile(after, fixture('1.0'), { resume: url.replace(before.url, after.url) });
    expect((await readFile(join(after.data, 'uploads', id))).equals(await readFile(fixture('1.0')))).toBe(true);
    await after.stop();
  });

  it('is nobody else’s business', async () => {
    const { id, url } = await uploadFile(server, fixture('1.0'));
    const issued = await call(server, 'POST', '/api/v1/tokens', { body: { account: 'olga', roles: ['operator'] } });
    const token = String(issued.body['token']);
    const path = new URL(url).pathname;
    const tus = { 'tus-resumable': '1.0.0' };
    const refused = await call(server, 'DELETE', path, { token, headers: tus });
    expect([refused.status, refused.body['code']]).toEqual([404, 'upload-not-found']);
    expect((await call(server, 'HEAD', path, { token, headers: tus })).status).toBe(404);
    expect((await call(server, 'POST', '/api/v1/imports', { token, body: { upload: id } })).body).toMatchObject({
      code: 'upload-not-found',
    });
    expect((await call(server, 'DELETE', path, { headers: tus })).status).toBe(204);
    expect(await readdir(join(server.data, 'uploads'))).toEqual([]);
  });

  it.each([
    [{}, 400, 'invalid-request'],
    [{ 'upload-length': '5', 'upload-metadata': '€' }, 400, 'invalid-request'],
    [{ 'upload-length': String(2 ** 50) }, 413, 'body-too-large'],
  ])('with headers %o is refused', async (headers, status, code) => {
    const encodable = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
    );
    const { status: answered, body } = await call(server, 'POST', '/api/v1/uploads', {
      headers: { 'tus-resumable': '1.0.0', ...encodable },
    });
    expect([answered, body['code']]).toEqual([status, code]);
  });

  it('is never addressed outside its folder', async () => {
    for (const id of ['..%2Fadmin-token', 'admin-token', '..', '%00'])
      expect(
        (await call(server, 'DELETE', `/api/v1/uploads/${id}`, { headers: { 'tus-resumable': '1.0.0' } })).status,
      ).not.toBe(204);
    expect((await call(server, 'GET', '/api/v1/accounts/me')).status).toBe(200);
  });
});

describe('an import', () => {
  const newestImport = async () => {
    const { body } = await call<{ items: { id: string }[] }>(server, 'GET', '/api/v1/imports');
    return body.items[0]?.id ?? '';
  };

  it('goes from an upload over a person’s look to the catalog', async () => {
    const { id: upload } = await uploadFile(server, fixture('1.0'));
    const begun = await importOf({ upload });
    expect([begun.status, begun.headers.get('location')]).toEqual([202, `/api/v1/imports/${begun.body.id}`]);
    expect((await follow(begun.body.operation)).at(-1)).toMatchObject({ state: 'waiting', detail: 'inspected' });
    const shown = await call(server, 'GET', `/api/v1/imports/${begun.body.id}`);
    expect(shown.body).toMatchObject({
      state: 'inspected',
      source: { kind: 'upload', name: 'backend-system-1.0-ram.tar.gz' },
      inspection: { template: { key: KEY, name: 'backend-system' }, version: '1.0' },
      assessment: { verdict: { kind: 'new-template' } },
    });
    const confirm = (headers: Record<string, string>) =>
      call(server, 'POST', `/api/v1/imports/${begun.body.id}/confirm`, { body: {}, headers });
    const stale = await confirm({ 'if-match': '"0"' });
    expect([stale.status, stale.body['code']]).toEqual([412, 'revision-mismatch']);
    expect(stale.headers.get('etag')).toBe(shown.headers.get('etag'));
    const confirmed = await confirm({ 'if-match': String(shown.headers.get('etag')) });
    expect(confirmed.status).toBe(202);
    expect((await follow(begun.body.operation)).at(-1)).toMatchObject({
      state: 'succeeded',
      result: { template: KEY, version: '1.0', outcome: 'imported' },
    });
    const version = await call(server, 'GET', `/api/v1/templates/${KEY}/versions/1.0`);
    expect(version.body).toMatchObject({
      template: KEY,
      version: '1.0',
      by: { id: 'administrator', kind: 'person', role: 'admin' },
      missing: { layers: [], blobs: [] },
    });
  });

  it('is not sent again to who has it, unless it shows what changes without an event', async () => {
    const path = '/api/v1/imports';
    const id = await newestImport();
    const shown = await call(server, 'GET', `${path}/${id}`);
    const again = (etag: string) => call(server, 'GET', `${path}/${id}`, { headers: { 'if-none-match': etag } });
    const etag = String(shown.headers.get('etag'));
    const known = await again(etag);
    expect([known.status, known.body, known.headers.get('etag')]).toEqual([304, undefined, etag]);
    expect(await again('"0"')).toMatchObject({ status: 200, body: shown.body });

    const file = join(server.data, 'incoming', 'unwanted.tar.gz');
    await copyFile(fixture('2.0'), file);
    const waiting = await importOf({ path: file });
    await follow(waiting.body.operation);
    const open = await call(server, 'GET', `${path}/${waiting.body.id}`);
    const compared = await call(server, 'GET', `${path}/${waiting.body.id}`, {
      headers: { 'if-none-match': String(open.headers.get('etag')) },
    });
    expect(compared).toMatchObject({ status: 200, body: { assessment: { verdict: { kind: 'new-version' } } } });
    await call(server, 'DELETE', `${path}/${waiting.body.id}`);
  });

  it('is followed under the correlation id that the caller gave, in the answer and in the log', async () => {
    const id = await newestImport();
    const path = `/api/v1/operations/import-${id}/stream`;
    const stream = await call(server, 'GET', path, { headers: { 'x-correlation-id': 'pipeline-42:follow' } });
    expect([stream.status, stream.headers.get('content-type'), stream.headers.get('x-correlation-id')]).toEqual([
      200,
      'text/event-stream',
      'pipeline-42:follow',
    ]);
    const line = await waitFor('the line of the log', () =>
      Promise.resolve(
        server
          .logs()
          .split('\n')
          .find((text) => text.includes('"pipeline-42:follow"')),
      ),
    );
    expect(JSON.parse(line)).toMatchObject({
      correlationId: 'pipeline-42:follow',
      req: { method: 'GET', path },
      res: { status: 200 },
    });
  });

  it('may be confirmed in advance, and is then compared with what was there', async () => {
    await copyFile(fixture('2.0'), join(server.data, 'incoming', 'two.tar.gz'));
    const begun = await importOf({ path: join(server.data, 'incoming', 'two.tar.gz'), confirm: true });
    expect((await follow(begun.body.operation)).at(-1)).toMatchObject({ state: 'succeeded' });
    const versions = await call<{ items: { version: string }[] }>(
      server,
      'GET',
      '/api/v1/templates/backend-system/versions',
    );
    expect(versions.body.items.map(({ version }) => version)).toEqual(['1.0', '2.0']);
    const first = await call(server, 'GET', `/api/v1/templates/${KEY}/versions?limit=1`);
    const last = await call(server, 'GET', `/api/v1/templates/${KEY}/versions?cursor=${String(first.body['next'])}`);
    expect([first.body['items'], last.body]).toEqual([[versions.body.items[0]], { items: [versions.body.items[1]] }]);
    const difference = await call<{ components: { kind: string }[] }>(
      server,
      'GET',
      `/api/v1/templates/${KEY}/versions/1.0/diff/2.0`,
    );
    expect(difference.body.components.map(({ kind }) => kind)).toContain('added');
    expect((await call(server, 'GET', '/api/v1/inventory/missing')).body).toEqual({ items: [] });
  });

  it('of what is no package fails with the reason, and is listed', async () => {
    await writeFile(join(server.data, 'incoming', 'novel.tar.gz'), 'It was a dark and stormy night.');
    const begun = await importOf({ path: join(server.data, 'incoming', 'novel.tar.gz') });
    expect((await follow(begun.body.operation)).at(-1)).toMatchObject({
      state: 'failed',
      detail: 'refused',
      failure: { code: 'package-not-gzip' },
    });
    const list = await call<{ items: { id: string }[] }>(server, 'GET', '/api/v1/imports?state=refused');
    expect(list.body.items.map(({ id }) => id)).toEqual([begun.body.id]);
  });

  it('that a person gives up leaves nothing', async () => {
    const begun = await importOf({ path: join(server.data, 'incoming', 'two.tar.gz') });
    await follow(begun.body.operation);
    const given = await call(server, 'DELETE', `/api/v1/imports/${begun.body.id}`);
    expect([given.status, given.body['state']]).toEqual([200, 'discarded']);
    const again = await call(server, 'POST', `/api/v1/imports/${begun.body.id}/confirm`, { body: {} });
    expect([again.status, again.body['code']]).toEqual([409, 'import-not-confirmable']);
  });

  it('reads no file outside the import folders', async () => {
    const refused = await importOf({ path: '/etc/passwd' });
    expect([refused.status, (refused.body as Record<string, unknown>)['code']]).toEqual([403, 'package-path-refused']);
    const both = await importOf({ path: '/x', upload: '00000000-0000-4000-8000-000000000000' });
    expect(both.status).toBe(400);
  });
});

describe('a repeated request', () => {
  it('is answered as the first was, though its upload has been used up', async () => {
    const { id: upload } = await uploadFile(server, fixture('2.0'));
    const ask = (body: Record<string, unknown>) =>
      call(server, 'POST', '/api/v1/imports', { body, headers: { 'idempotency-key': 'import-once' } });
    const first = await ask({ upload, confirm: true });
    await follow(String(first.body['operation']));
    await waitFor('the upload to be removed', async () =>
      (await readdir(join(server.data, 'uploads'))).length === 0 ? true : undefined,
    );
    const again = await ask({ upload, confirm: true });
    expect([again.status, again.body['id']]).toEqual([202, first.body['id']]);
    const other = await ask({ upload, confirm: false });
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency-key-reused']);
    const missing = await importOf({ upload });
    expect([missing.status, (missing.body as Record<string, unknown>)['code']]).toEqual([404, 'upload-not-found']);
  });
});

describe('a server that is told to stop', () => {
  it('does so in time though a caller never finishes, and keeps what arrived', async () => {
    const own = await startServer();
    const { id, url } = await uploadFile(own, fixture('1.0'), { chunkSize: 256 * 1024, stopAfter: 1 });
    const { hostname, port, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(
      [
        `PATCH ${pathname} HTTP/1.1`,
        `Host: ${hostname}`,
        `Authorization: Bearer ${own.adminToken}`,
        'Tus-Resumable: 1.0.0',
        `Upload-Offset: ${256 * 1024}`,
        'Content-Type: application/offset+octet-stream',
        'Content-Length: 100000',
        '',
        'the first bytes and no more',
      ].join('\r\n'),
    );
    const file = join(own.data, 'uploads', id);
    await expect.poll(async () => (await stat(file)).size, { timeout: 10_000 }).toBeGreaterThan(256 * 1024);
    const began = performance.now();
    expect(await own.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect((await stat(file)).size).toBeGreaterThan(256 * 1024);
    socket.destroy();
  });
});

describe('a publication', () => {
  it('takes metadata and images, once', async () => {
    const own = await startServer();
    const folder = await freshFolder();
    await unpackPackage(fixture('1.0'), folder);
    const metadata = JSON.parse(await readFile(join(folder, 'metadata.json'), 'utf8')) as Record<string, unknown>;
    const publish = async (dryRun = false) => {
      const { id } = await uploadFile(own, join(folder, 'component-images.tar'));
      return call(own, 'POST', `/api/v1/templates/${KEY}/versions${dryRun ? '?dryRun=true' : ''}`, {
        body: { metadata, images: [{ upload: id }], version: '1.0', notes: 'The first one.' },
      });
    };
    const tried = await publish(true);
    expect([tried.status, tried.body['outcome']]).toEqual([200, 'checked']);
    expect((await call(own, 'GET', '/api/v1/templates')).body).toEqual({ items: [] });
    const published = await publish();
    expect([published.status, published.body['outcome']]).toEqual([201, 'published']);
    const again = await publish();
    expect([again.status, again.body['outcome']]).toEqual([200, 'already-present']);
    const position = String(published.headers.get('waybill-position'));
    expect((await call(own, 'GET', `/api/v1/templates/${KEY}?after=${position}`)).body).toMatchObject({
      key: KEY,
      latest: '1.0',
    });
    const other = await call(own, 'POST', '/api/v1/templates/another/versions', { body: { metadata } });
    expect(other.status).toBe(422);
    await own.stop();
  });
});
