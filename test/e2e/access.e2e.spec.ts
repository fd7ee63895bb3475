import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { rm, stat, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteEventStore, type StoredEvent } from '@waybill/event-store';
import { call, type Answer } from '../support/call.js';
import { cleanServers, freshFolder, startInVain, startServer, type TestServer } from '../support/server.js';

interface Issued {
  readonly id: string;
  readonly token: string;
}

let server: TestServer;
const issue = async (account: string, ...roles: readonly string[]) =>
  (await call<Issued>(server, 'POST', '/api/v1/tokens', { body: { account, roles } })).body;

beforeAll(async () => {
  server = await startServer();
});
afterAll(cleanServers);

describe('a request without a valid token', () => {
  it.each([
    ['GET', '/api/v1/templates'],
    ['POST', '/api/v1/imports'],
    ['GET', '/api/v1/nothing-here'],
    ['GET', '/nothing-here'],
    ['POST', '/api/v1/uploads'],
    ['GET', '/openapi.json'],
    ['GET', '/docs'],
    ['OPTIONS', '/api/v1/uploads'],
    ['GET', '/api/v1/health/../templates'],
    ['GET', '/API/V1/HEALTH/../templates'],
  ])('is refused before anything else: %s %s', async (method, path) => {
    const answer = await call(server, method, path, { token: null });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('www-authenticate')).toMatch(/^(Bearer|Basic) realm="waybill"/);
    expect(answer.body).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  it('finds no way round in an address that a client would never send', async () => {
    for (const path of [
      '/api/v1/health/../templates',
      '/api/v1/health/%2e%2e/templates',
      '//api/v1/health/../templates',
    ]) {
      const { hostname, port } = new URL(server.url);
      const sent = request({ hostname, port, path, method: 'GET' });
      const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
      response.resume();
      expect([401, 404], path).toContain(response.statusCode);
    }
  });

  it('is refused with a token nobody issued, whatever the address', async () => {
    const { status, body } = await call(server, 'GET', '/api/v1/nothing-here', { token: `waybill_${'x'.repeat(43)}` });
    expect([status, body['code']]).toEqual([401, 'token-invalid']);
  });

  it('may ask for health', async () => {
    const live = await call(server, 'GET', '/api/v1/health/live', { token: null });
    expect([live.status, live.body]).toEqual([200, { status: 'live' }]);
    const ready = await call(server, 'GET', '/api/v1/health/ready', { token: null });
    expect(ready.status).toBe(200);
    expect(ready.body['checks']).toMatchObject([
      { name: 'event-store', ok: true },
      { name: 'read-models', ok: true },
      { name: 'engine' },
    ]);
  });

  it('gets no token accepted as a password outside the pages', async () => {
    const basic = { authorization: `Basic ${Buffer.from(`x:${server.adminToken}`).toString('base64')}` };
    const statuses = await Promise.all(
      ['/docs', '/openapi.json', '/api/v1/templates'].map(
        async (path) => (await fetch(`${server.url}${path}`, { headers: basic })).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 401]);
  });
});

describe('a role', () => {
  it('allows what it is for and nothing else', async () => {
    const auditor = await issue('anna', 'auditor');
    const publisher = await issue('paul', 'publisher');
    const operator = await issue('olga', 'operator');
    const outcome = async (token: string, method: string, path: string, body?: unknown) =>
      (await call(server, method, path, { token, ...(body === undefined ? {} : { body }) })).status;
    for (const { token } of [auditor, publisher, operator]) {
      expect(await outcome(token, 'GET', '/api/v1/templates')).toBe(200);
      expect(await outcome(token, 'POST', '/api/v1/tokens', { account: 'eve', roles: ['admin'] })).toBe(403);
      expect(await outcome(token, 'PUT', '/api/v1/accounts/eve/roles/admin')).toBe(403);
    }
    expect(await outcome(auditor.token, 'GET', '/api/v1/tokens')).toBe(200);
    expect(await outcome(operator.token, 'GET', '/api/v1/tokens')).toBe(403);
    expect(await outcome(operator.token, 'POST', '/api/v1/templates', { metadata: {} })).toBe(403);
    expect(await outcome(publisher.token, 'POST', '/api/v1/imports', { path: '/x' })).toBe(403);
    expect(await outcome(auditor.token, 'POST', '/api/v1/uploads')).toBe(403);
  });

  it('is taken from every token of the account at once', async () => {
    const { token } = await issue('rita', 'auditor', 'operator');
    const taken = await call(server, 'DELETE', '/api/v1/accounts/rita/roles/auditor');
    expect(taken.status).toBe(204);
    expect((await call(server, 'GET', '/api/v1/tokens', { token })).status).toBe(403);
    expect((await call(server, 'GET', '/api/v1/accounts/me', { token })).body).toMatchObject({ roles: ['operator'] });
  });
});

describe('the life of a token', () => {
  it('begins and ends at once', async () => {
    const issued = await call<Issued>(server, 'POST', '/api/v1/tokens', {
      body: { account: 'tom', roles: ['operator'], label: 'laptop', expiresAt: '2099-01-01T00:00:00Z' },
    });
    expect(issued.status).toBe(201);
    expect(issued.headers.get('cache-control')).toBe('no-store');
    const { id, token } = issued.body;
    const whoAmI = () => call(server, 'GET', '/api/v1/accounts/me', { token });
    expect((await whoAmI()).body).toEqual({ account: 'tom', token: id, roles: ['operator'] });
    expect((await call(server, 'DELETE', `/api/v1/tokens/${id}`)).status).toBe(204);
    expect((await whoAmI()).body).toMatchObject({ code: 'token-invalid' });
    expect((await call(server, 'DELETE', `/api/v1/tokens/${id}`)).status).toBe(204);
    const list = await call<{ items: readonly { id: string }[] }>(server, 'GET', '/api/v1/tokens');
    expect(list.body.items.find((entry) => entry.id === id)).toMatchObject({
      account: 'tom',
      label: 'laptop',
      roles: ['operator'],
      expiresAt: '2099-01-01T00:00:00.000Z',
      revokedAt: expect.any(String) as string,
    });
    expect(JSON.stringify(list.body)).not.toContain('waybill_');
  });

  it('is answered the same under the same key, but shown once', async () => {
    const request = { body: { account: 'kim', roles: ['operator'] }, headers: { 'idempotency-key': 'kim-1' } };
    const first = await call<Issued>(server, 'POST', '/api/v1/tokens', request);
    const again = await call<Issued>(server, 'POST', '/api/v1/tokens', request);
    const { token, ...rest } = first.body;
    expect(token).toMatch(/^waybill_[\w-]{43}$/);
    expect(again.body).toEqual(rest);
    const other = await call(server, 'POST', '/api/v1/tokens', {
      ...request,
      body: { account: 'kim', roles: ['operator', 'admin'] },
    });
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency-key-reused']);
  });

  it('is not ended for the last administrator', async () => {
    const me = await call(server, 'GET', '/api/v1/accounts/me');
    const refused = await call(server, 'DELETE', `/api/v1/tokens/${String(me.body['token'])}`);
    expect([refused.status, refused.body['code']]).toEqual([409, 'last-administrator']);
    expect((await call(server, 'GET', '/api/v1/accounts/me')).status).toBe(200);
  });

  it('pages through the list by cursor', async () => {
    interface Page {
      readonly items: readonly { readonly id: string }[];
      readonly next?: string;
    }
    const whole = await call<Page>(server, 'GET', '/api/v1/tokens');
    const ids: string[] = [];
    for (let query: string | undefined = ''; query !== undefined;) {
      const page: Answer<Page> = await call<Page>(server, 'GET', `/api/v1/tokens?limit=2${query}`);
      ids.push(...page.body.items.map(({ id }) => id));
      query = page.body.next === undefined ? undefined : `&cursor=${page.body.next}`;
    }
    expect(ids).toEqual(whole.body.items.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(4);
  });
});

describe('what is turned away', () => {
  it('is an event, with who, what and where from; and no token is in any log', async () => {
    const own = await startServer();
    const { body } = await call<Issued>(own, 'POST', '/api/v1/tokens', {
      body: { account: 'olga', roles: ['operator'] },
    });
    const headers = { 'x-correlation-id': 'denial-0001', 'user-agent': 'waybill-cli/1.0' };
    await call(own, 'GET', '/api/v1/tokens?secret=1', { token: body.token, headers });
    await call(own, 'GET', '/api/v1/templates', { token: 'waybill_wrong' });
    await call(own, 'GET', '/api/v1/templates', { token: null });
    expect(await own.stop()).toBe(0);
    const events = (await allEvents(own.data)).filter(({ stream }) => stream.startsWith('securitylog-'));
    expect(events.map(({ type, data }) => ({ type, data }))).toEqual([
      {
        type: 'access-denied.v1',
        data: { account: 'olga', tokenId: body.id, needed: ['auditor'], method: 'GET', path: '/api/v1/tokens' },
      },
      { type: 'login-failed.v1', data: { reason: 'unknown', method: 'GET', path: '/api/v1/templates' } },
      { type: 'login-failed.v1', data: { reason: 'missing', method: 'GET', path: '/api/v1/templates' } },
    ]);
    expect(events[0]?.metadata).toMatchObject({
      actor: { id: 'olga', kind: 'person', role: 'operator' },
      channel: 'cli',
      correlationId: 'denial-0001',
      personal: { address: '127.0.0.1', agent: 'waybill-cli/1.0' },
    });
    const logs = own.logs().replace(`${own.adminToken}\n`, '');
    expect(logs).toContain('denial-0001');
    expect(logs).not.toMatch(/waybill_[\w-]{43}/);
    expect(logs).not.toContain('secret=1');
  });
});

describe('a restart', () => {
  it('keeps tokens, and prints none a second time', async () => {
    const first = await startServer();
    const { body } = await call<Issued>(first, 'POST', '/api/v1/tokens', {
      body: { account: 'ida', roles: ['auditor'] },
    });
    await first.kill();
    const second = await startServer({ data: first.data });
    expect(second.adminToken).toBe(first.adminToken);
    expect(first.logs()).toContain(first.adminToken);
    expect(second.logs()).not.toContain(second.adminToken);
    expect((await call(second, 'GET', '/api/v1/accounts/me', { token: body.token })).status).toBe(200);
    expect(await second.stop()).toBe(0);
  });

  it('rebuilds who may come in from the log alone', async () => {
    const first = await startServer();
    await first.stop();
    for (const suffix of ['', '-wal', '-shm']) await rm(join(first.data, `read-models.db${suffix}`), { force: true });
    const second = await startServer({ data: first.data });
    expect((await call(second, 'GET', '/api/v1/accounts/me')).status).toBe(200);
    await second.stop();
  });

  it('makes a new administrator when the file is of another log', async () => {
    const first = await startServer();
    await first.stop();
    const file = join(first.data, 'admin-token');
    await writeFile(file, `waybill_${'A'.repeat(43)}\n`);
    const second = await startServer({ data: first.data });
    expect(second.adminToken).not.toBe(first.adminToken);
    expect((await call(second, 'GET', '/api/v1/accounts/me')).status).toBe(200);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await second.stop();
  });

  it('writes its secrets for its owner alone', async () => {
    const modes = await Promise.all(
      ['admin-token', 'secret-key'].map(async (name) => (await stat(join(server.data, name))).mode & 0o777),
    );
    expect(modes).toEqual([0o600, 0o600]);
    expect(server.logs()).not.toContain((await readFile(join(server.data, 'secret-key'), 'utf8')).trim());
  });

  it('without the secret key reads, and refuses to write', async () => {
    const first = await startServer();
    await first.stop();
    await rm(join(first.data, 'secret-key'));
    const second = await startServer({ data: first.data });
    expect((await call(second, 'GET', '/api/v1/tokens')).status).toBe(200);
    const refused = await call(second, 'POST', '/api/v1/tokens', { body: { account: 'x', roles: ['operator'] } });
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      503,
      'secret-key-missing',
      '2',
    ]);
    await second.stop();
  });
});

describe('a start that cannot succeed', () => {
  it('says in one sentence which setting is wrong, with exit code 2', async () => {
    const { exitCode, logs } = await startInVain({ env: { WAYBILL_NETWORK_POOL: 'ten' } });
    expect([exitCode, logs]).toEqual([
      2,
      'WAYBILL_NETWORK_POOL is not valid: "ten" is not an IPv4 network such as 10.213.0.0/16.\n',
    ]);
  });

  it('refuses an address that is taken', async () => {
    const { exitCode, logs } = await startInVain({ env: { WAYBILL_LISTEN: new URL(server.url).host } });
    expect(exitCode).toBe(2);
    expect(logs.split('\n').at(-2)).toMatch(/^WAYBILL_LISTEN is not valid: 127\.0\.0\.1:\d+ cannot be listened on/);
  });

  it('leaves a data folder alone that another server uses, with exit code 7', async () => {
    const { exitCode, logs } = await startInVain({ data: server.data });
    expect(exitCode).toBe(7);
    expect(logs.split('\n').at(-2)).toMatch(/^The file .*events\.db is in use by another process/);
    expect((await call(server, 'GET', '/api/v1/accounts/me')).status).toBe(200);
  });

  it('refuses a data folder that is a file', async () => {
    const data = join(await freshFolder(), 'file');
    await writeFile(data, '');
    const { exitCode, logs } = await startInVain({ data });
    expect(exitCode).toBe(2);
    expect(logs.split('\n').at(-2)).toMatch(/^WAYBILL_DATA is not valid: the folder .* cannot be used \(EEXIST\)\.$/);
  });

  it('refuses a secret key that is none', async () => {
    const data = await freshFolder();
    await writeFile(join(data, 'secret-key'), 'hunter2');
    const { exitCode, logs } = await startInVain({ data });
    expect(exitCode).toBe(1);
    expect(logs).toContain('is not valid: 64 hex digits are expected.');
    expect(logs).not.toContain('hunter2');
  });
});

async function allEvents(data: string): Promise<readonly StoredEvent[]> {
  const store = await openSqliteEventStore({ file: join(data, 'events.db') });
  const events: StoredEvent[] = [];
  for await (const event of store.readAll()) events.push(event);
  await store.close();
  return events;
}
