import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltImage } from '@waybill/packaging/testing';
import { call, type Answer } from '../support/call.js';
import { startCrew } from '../support/crew.js';
import { cleanInstances } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { backendSystem, fixture, shellImage, writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { unpackPackage } from '../support/unpackPackage.js';
import { uploadFile } from '../support/upload.js';
import { waitFor } from '../support/waitFor.js';

/** A write as a caller sends it, and what it was told. */
interface Sent {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: Seen;
}
interface Seen {
  readonly status: number;
  readonly body: unknown;
  readonly location: string | null;
  readonly etag: string | null;
  readonly position: string | null;
}

const key = `again${randomBytes(4).toString('hex')}`;
const instances: string[] = [];
let image: BuiltImage;
let folder: string;
let server: TestServer;
const here = site(() => server);
const sent: Sent[] = [];

const seen = ({ status, body, headers }: Answer<unknown>): Seen => ({
  status,
  body,
  location: headers.get('location'),
  etag: headers.get('etag'),
  position: headers.get('waybill-position'),
});
const repeat = (one: Sent) => call<unknown>(server, one.method, one.path, one);

async function send<Body>(name: string, method: string, path: string, body?: unknown): Promise<Body> {
  const headers = { 'idempotency-key': `${name} ${randomUUID()}` };
  const request = { name, method, path: `/api/v1${path}`, headers, ...(body === undefined ? {} : { body }) };
  const answer = await call<Body>(server, method, request.path, request);
  expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  expect(answer.headers.get('waybill-repeated')).toBeNull();
  sent.push({ ...request, answer: seen(answer) });
  return answer.body;
}

/** What a token is cannot be told again: the log holds its hash. */
const withoutToken = ({ body, ...rest }: Seen): Seen => {
  if (typeof body !== 'object' || body === null || !('token' in body)) return { ...rest, body };
  const { token: _token, ...others } = body;
  return { ...rest, body: others };
};

async function expectSameAnswers(): Promise<void> {
  for (const one of sent) {
    const again = await repeat(one);
    expect(seen(again), one.name).toEqual(withoutToken(one.answer));
    expect(again.headers.get('waybill-repeated'), one.name).toBe('true');
  }
}

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: `${folder}:${join(fixture('1.0'), '..')}` } });
  image = await shellImage(`test/${key}:1.0`, 'exec sleep 100000');
  const components = [{ key: 'job', image: `test/${key}:1.0`, env: { LEVEL: 'info' } }];
  const file = await writePackage(folder, { key, version: '1.0', images: [image], components });

  const metadataFolder = await freshFolder();
  await unpackPackage(fixture('1.0'), metadataFolder);
  const metadata = JSON.parse(await readFile(join(metadataFolder, 'metadata.json'), 'utf8')) as unknown;
  const { id: upload } = await uploadFile(server, join(metadataFolder, 'component-images.tar'));
  await send('publish', 'POST', `/templates/${backendSystem}/versions`, { metadata, images: [{ upload }], notes: 'n' });
  await waitFor('the upload to be removed', async () =>
    (await readdir(join(server.data, 'uploads'))).length === 0 ? true : undefined,
  );
  const { id: sentFile } = await uploadFile(server, file);
  const uploaded = await send<{ operation: string }>('import of an upload', 'POST', '/imports', {
    upload: sentFile,
    confirm: true,
  });
  await here.ended(uploaded.operation);
  const undecided = await send<{ id: string; operation: string }>('import', 'POST', '/imports', {
    path: fixture('2.0'),
  });
  await here.ended(undecided.operation);
  await send('confirm', 'POST', `/imports/${undecided.id}/confirm`, {});
  await here.ended(undecided.operation);
  const unwanted = await here.ask<{ id: string; operation: string }>('POST', '/imports', { path: fixture('1.0') });
  await here.ended(unwanted.operation);
  await send('discard', 'DELETE', `/imports/${unwanted.id}`);

  const { id } = await send<{ id: string }>('instance', 'POST', '/instances', { name: key, template: key });
  instances.push(id);
  await send('settings', 'PATCH', `/instances/${key}/settings`, {
    settings: [{ item: 'job/env/LEVEL', value: 'debug' }],
  });
  const { digest } = await here.plan(key, { kind: 'install' });
  const { operation } = await send<{ operation: string }>('record', 'POST', `/instances/${key}/records`, {
    plan: digest,
  });
  expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
  await send('settings again', 'PATCH', `/instances/${key}/settings`, {
    settings: [{ item: 'job/env/LEVEL', value: 'warn' }],
  });

  const token = await send<{ id: string }>('token', 'POST', '/tokens', { account: 'olga', roles: ['operator'] });
  await send('role', 'PUT', '/accounts/olga/roles/auditor');
  await send('role taken', 'DELETE', '/accounts/olga/roles/auditor');
  await send('role taken that is not there', 'DELETE', '/accounts/olga/roles/admin');
  await send('revocation', 'DELETE', `/tokens/${token.id}`);
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages([image]);
});

describe('a write that is repeated under its key', () => {
  it('gets the answer of the first, to the letter, though the world has moved on', async () => {
    expect(sent).toHaveLength(14);
    const before = await here.ask('GET', '/imports?limit=200');
    await expectSameAnswers();
    expect(await here.ask('GET', '/imports?limit=200')).toEqual(before);
    expect(await here.history(key)).toHaveLength(1);
  });

  it('gets it after the server was killed and its read models were lost', async () => {
    await server.kill();
    for (const file of (await readdir(server.data)).filter((name) => name.startsWith('read-models.db')))
      await rm(join(server.data, file));
    server = await startServer({ data: server.data });
    await expectSameAnswers();
  });

  it('is refused when it is another request under that key, also to another address', async () => {
    for (const one of sent) {
      const other = await call(server, one.method, one.path, { ...one, body: { other: 1 } });
      expect([one.name, other.status, other.body['code']]).toEqual([one.name, 422, 'idempotency-key-reused']);
    }
    const elsewhere = await call(server, 'POST', '/api/v1/tokens', {
      body: { account: 'eve', roles: ['operator'] },
      headers: sent[0]?.headers ?? {},
    });
    expect([elsewhere.status, elsewhere.body['code']]).toEqual([422, 'idempotency-key-reused']);
  });

  it('is carried out once when it comes many times at once: the others are told to wait, or what was done', async () => {
    const request = {
      body: { account: 'many', roles: ['operator'] },
      headers: { 'idempotency-key': randomUUID() },
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call<{ code?: string }>(server, 'POST', '/api/v1/tokens', request)),
    );
    for (const { status, body, headers } of answers.filter(({ status }) => status !== 201)) {
      expect([status, body.code]).toEqual([409, 'request-in-flight']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    const { items } = await here.ask<{ items: readonly { account: string }[] }>('GET', '/tokens?limit=200');
    expect(items.filter(({ account }) => account === 'many')).toHaveLength(1);
  });

  it('is judged anew when it was refused: nothing was done, so the key is free', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const revoke = () => call(server, 'PUT', '/api/v1/accounts/later/roles/auditor', { headers });
    expect((await revoke()).body).toMatchObject({ code: 'account-not-found' });
    await here.ask('POST', '/tokens', { account: 'later', roles: ['operator'] });
    expect((await revoke()).status).toBe(204);
  });

  it.each([[''], [' '], ['x'.repeat(256)], ['schlüssel']])('needs a key that is one: %j', async (name) => {
    const refused = await call(server, 'POST', '/api/v1/tokens', {
      body: { account: 'x', roles: ['operator'] },
      headers: { 'idempotency-key': name },
    });
    expect(refused.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: 'header:Idempotency-Key' }] });
  });
});

describe('a second server of the same store', () => {
  it('gives the answer that the first gave', async () => {
    const crew = await startCrew();
    try {
      const [one, other] = [await crew.start(), await crew.start()];
      const request = { body: { account: 'olga', roles: ['auditor'] }, headers: { 'idempotency-key': 'olga-1' } };
      const first = await call(one, 'POST', '/api/v1/tokens', request);
      expect(first.status).toBe(201);
      expect(seen(await call(other, 'POST', '/api/v1/tokens', request))).toEqual(withoutToken(seen(first)));
      const reused = await call(other, 'POST', '/api/v1/tokens', {
        ...request,
        body: { account: 'eve', roles: ['admin'] },
      });
      expect([reused.status, reused.body['code']]).toEqual([422, 'idempotency-key-reused']);
    } finally {
      await cleanServers();
      await crew.end();
    }
  });
});
