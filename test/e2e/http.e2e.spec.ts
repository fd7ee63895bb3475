import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '@waybill/kernel';
import { call } from '../support/call.js';
import { cleanServers, startServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
});
afterAll(cleanServers);

const send = async (path: string, body: string, contentType: string) => {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': contentType },
    body,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('a request that is wrong', () => {
  it('with malformed JSON is refused, and says where', async () => {
    const { status, body } = await send('/api/v1/tokens', '{"account": ', 'application/json');
    expect([status, body['code']]).toEqual([400, 'invalid-request']);
    expect(body['errors']).toMatchObject([{ pointer: '' }]);
  });

  it('with members nobody knows and values out of range is told every point', async () => {
    const { status, body } = await call(server, 'POST', '/api/v1/tokens', {
      body: { account: '', roles: ['boss'], admin: true },
    });
    expect(status).toBe(400);
    expect((body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
      '/account',
      '/admin',
      '/roles',
    ]);
  });

  it('with a body of another type is refused, not misread', async () => {
    expect(await send('/api/v1/tokens', 'account=x', 'application/x-www-form-urlencoded')).toMatchObject({
      status: 415,
      body: { code: 'unsupported-media-type' },
    });
  });

  it('with a body beyond the limit is refused', async () => {
    const huge = JSON.stringify({ account: 'x'.repeat(17 * 1024 ** 2) });
    expect(await send('/api/v1/tokens', huge, 'application/json')).toMatchObject({
      status: 413,
      body: { code: 'body-too-large', details: { limit: 16 * 1024 ** 2 } },
    });
  });

  it('with names that would reach into the language, or too deep, is refused', async () => {
    expect(await send('/api/v1/tokens', '{"__proto__": {"roles": ["admin"]}}', 'application/json')).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', errors: [{ pointer: '/__proto__' }] },
    });
    const deep = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`;
    expect(await send('/api/v1/tokens', deep, 'application/json')).toMatchObject({ status: 400 });
  });

  it.each([
    ['GET', '/api/v1/nothing', 404, 'route-not-found'],
    ['GET', '/nothing', 404, 'route-not-found'],
    ['PUT', '/api/v1/templates', 405, 'method-not-allowed'],
    ['PUT', '/api/v1/uploads', 405, 'method-not-allowed'],
    ['HEAD', '/api/v1/operations/import-x/stream', 405, 'method-not-allowed'],
    ['GET', `/api/v1/templates/${'x'.repeat(9_000)}`, 414, 'uri-too-long'],
    ['GET', `/api/v1/templates?${'a=1&'.repeat(70)}`, 400, 'invalid-request'],
    ['GET', '/api/v1/templates/%FF', 400, 'invalid-request'],
    ['GET', '/api/v1/templates/none', 404, 'template-not-found'],
    ['GET', '/api/v1/imports/none', 404, 'import-not-found'],
    ['GET', '/api/v1/operations/none', 404, 'operation-not-found'],
    ['GET', '/api/v1/templates?limit=0', 400, 'invalid-request'],
    ['GET', '/api/v1/templates?limit=5&colour=red', 400, 'invalid-request'],
    ['GET', '/api/v1/templates?cursor=zzz', 400, 'cursor-invalid'],
    ['GET', '/api/v1/templates?after=zzz', 400, 'position-unknown'],
  ])('%s %s is a problem with its own code', async (method, path, status, code) => {
    const answer = await call(server, method, path);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    if (method === 'HEAD') return;
    expect(answer.body).toMatchObject({
      type: `urn:waybill:problem:${code}`,
      title: catalogue[code as keyof typeof catalogue].title,
      status,
      code,
      instance: path.replace(/\?.*/, ''),
      correlationId: answer.headers.get('x-correlation-id'),
    });
  });

  it('is told which methods an address knows', async () => {
    const refused = await call(server, 'PUT', '/api/v1/templates');
    expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    const asked = await call(server, 'OPTIONS', '/api/v1/operations/import-x/stream');
    expect([asked.status, asked.headers.get('allow'), asked.body]).toEqual([204, 'GET, OPTIONS', undefined]);
    expect((await call(server, 'OPTIONS', '/api/v1/uploads')).headers.get('tus-version')).toBe('1.0.0');
  });

  it('is answered in a type that the caller accepts, or not at all', async () => {
    const accepting = (accept: string) => call(server, 'GET', '/api/v1/templates', { headers: { accept } });
    expect((await accepting('application/*;q=0.5')).status).toBe(200);
    expect((await accepting('text/html')).body).toMatchObject({
      status: 406,
      code: 'not-acceptable',
      details: { types: ['application/json'] },
    });
  });

  it('by HEAD gets the headers of GET, and no body', async () => {
    const [head, get] = [
      await call(server, 'HEAD', '/api/v1/accounts/me'),
      await call(server, 'GET', '/api/v1/accounts/me'),
    ];
    expect([head.status, head.body]).toEqual([200, undefined]);
    for (const name of ['content-type', 'content-length']) expect(head.headers.get(name)).toBe(get.headers.get(name));
  });

  it.each([
    [
      'with headers beyond the limit',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['that is no HTTP', 'HELO there\r\n\r\n', 400, 'invalid-request'],
  ])('%s is refused before it is read, as a problem', async (_, text, status, code) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(text);
    const answer = await new Response(Readable.toWeb(socket) as ReadableStream).text();
    expect(answer).toContain(`HTTP/1.1 ${String(status)} `);
    expect(answer).toContain('Content-Type: application/problem+json; charset=utf-8\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status, code });
  });

  it('with an Idempotency-Key or an If-Match that is none is refused', async () => {
    const key = await call(server, 'POST', '/api/v1/tokens', {
      body: { account: 'x', roles: ['operator'] },
      headers: { 'idempotency-key': 'x'.repeat(300) },
    });
    expect(key.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: 'header:Idempotency-Key' }] });
    const match = await call(server, 'DELETE', '/api/v1/imports/x', { headers: { 'if-match': 'x' } });
    expect(match.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: 'header:If-Match' }] });
  });

  it('cannot write lines of its own into the log', async () => {
    await call(server, 'GET', '/api/v1/a%0A%7B%22level%22%3A%22fatal%22%7D', {
      headers: { 'x-correlation-id': 'a'.repeat(500), 'user-agent': 'x' },
    });
    for (const line of server
      .logs()
      .split('\n')
      .filter((text) => text.startsWith('{')))
      expect(JSON.parse(line)).not.toMatchObject({ level: 'fatal' });
  });
});

describe('a write and the read after it', () => {
  it('meet by the position token', async () => {
    const written = await call(server, 'POST', '/api/v1/tokens', { body: { account: 'ada', roles: ['operator'] } });
    const position = written.headers.get('waybill-position');
    const read = await call<{ items: { account: string }[] }>(
      server,
      'GET',
      `/api/v1/accounts?after=${String(position)}`,
    );
    expect(read.body.items.map(({ account }) => account)).toContain('ada');
    expect(written.headers.get('etag')).toMatch(/^"\d+"$/);
  });

  it('is told when the read model does not get there in time', async () => {
    const written = await call(server, 'POST', '/api/v1/tokens', { body: { account: 'bob', roles: ['operator'] } });
    const token = String(written.headers.get('waybill-position'));
    const [store] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string];
    const beyond = Buffer.from(JSON.stringify([store, '999999'])).toString('base64url');
    const late = await call(server, 'GET', `/api/v1/accounts?after=${beyond}`);
    expect([late.status, late.body['code'], late.headers.get('retry-after')]).toEqual([503, 'not-caught-up', '2']);
  });
});

describe('without an engine', () => {
  it('the server works, and readiness says what is missing', async () => {
    const { status, body } = await call(server, 'GET', '/api/v1/health/ready', { token: null });
    expect([status, body['status']]).toEqual([200, 'degraded']);
    expect(body['checks']).toMatchObject([
      { name: 'event-store', ok: true },
      { name: 'read-models', ok: true },
      { name: 'engine', ok: false, reason: expect.stringContaining('/nowhere/docker.sock') as string },
    ]);
  });
});

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}
interface OperationObject {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

describe('the description of the API', () => {
  const operations = ({ paths }: OpenApi) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );

  it('is valid OpenAPI 3.1', async () => {
    const { body } = await call<OpenApi>(server, 'GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(await new Validator().validate({ ...body })).toMatchObject({ valid: true });
    expect((await call(server, 'GET', '/api/v1/openapi.json')).body).toEqual(body);
  });

  it('says of every operation what it does, what it answers and how it fails', async () => {
    const { body } = await call<OpenApi>(server, 'GET', '/openapi.json');
    const ids = operations(body).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations(body)) {
      const name = `${method} ${path}`;
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
      const statuses = Object.keys(operation.responses);
      expect(
        statuses.some((status) => status.startsWith('2')),
        name,
      ).toBe(true);
      for (const status of statuses.filter((text) => text >= '400' && !(text === '503' && path.endsWith('/ready'))))
        expect(Object.keys(operation.responses[status]?.content ?? {}), `${name} ${status}`).toEqual([
          'application/problem+json',
        ]);
      if (!path.startsWith('/api/v1/health')) expect(statuses, name).toEqual(expect.arrayContaining(['401', '403']));
    }
  });

  it('lists the routes that exist, and only those', async () => {
    const { body } = await call<OpenApi>(server, 'GET', '/openapi.json');
    expect(operations(body).map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining([
        'GET /api/v1/templates',
        'POST /api/v1/templates',
        'GET /api/v1/templates/{template}',
        'GET /api/v1/templates/{template}/versions',
        'POST /api/v1/templates/{template}/versions',
        'GET /api/v1/templates/{template}/versions/{version}',
        'GET /api/v1/templates/{template}/versions/{version}/diff/{other}',
        'POST /api/v1/uploads',
        'POST /api/v1/imports',
        'GET /api/v1/imports/{id}',
        'POST /api/v1/imports/{id}/confirm',
        'DELETE /api/v1/imports/{id}',
        'GET /api/v1/operations/{id}',
        'GET /api/v1/operations/{id}/stream',
        'POST /api/v1/tokens',
        'DELETE /api/v1/tokens/{id}',
        'GET /api/v1/health/live',
        'GET /api/v1/health/ready',
      ]),
    );
    for (const { path, method } of operations(body)) {
      const { body: answer } = await call(server, method, path.replaceAll(/\{\w+\}/g, 'x'));
      expect((answer as Record<string, unknown> | undefined)?.['code'], `${method} ${path}`).not.toBe(
        'route-not-found',
      );
    }
  });

  it('has a page that needs nothing from elsewhere', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`x:${server.adminToken}`).toString('base64')}` };
    const page = await fetch(`${server.url}/docs`, { headers });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) {
      const url = new URL(address, `${server.url}/docs`);
      expect(url.origin).toBe(server.url);
      expect((await fetch(url, { headers })).status, address).toBe(200);
    }
  });
});
