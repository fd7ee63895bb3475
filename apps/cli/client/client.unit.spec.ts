import { describe, expect, it } from 'vitest';
import { fakeSurroundings, lost, refusal, type Answer, type Sent } from '../testing/surroundings.js';
import { cliVersion } from '../version.js';
import { openClient, pathTo } from './client.js';

const connection = { url: 'http://site:1', token: 'waybill_t' };

function opened(answer: (request: Sent, count: number) => Answer) {
  let count = 0;
  const surroundings = fakeSurroundings({ answer: (request) => answer(request, (count += 1)) });
  return { surroundings, client: openClient(connection, surroundings) };
}

describe('the client', () => {
  it('says who asks, and with what program', async () => {
    const { client, surroundings } = opened(() => ({ body: { items: [] } }));
    expect(await client.get('/templates', { limit: 5, cursor: undefined })).toEqual({ items: [] });
    const [{ path, headers }] = surroundings.sent as [Sent];
    expect([path, headers.get('authorization'), headers.get('user-agent'), headers.get('idempotency-key')]).toEqual([
      '/api/v1/templates?limit=5',
      'Bearer waybill_t',
      `waybill-cli/${cliVersion}`,
      null,
    ]);
    expect(cliVersion).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('keeps the Idempotency-Key of a write that got lost on the way, and takes a new one for the next', async () => {
    const { client, surroundings } = opened((_, count) => {
      if (count < 3) throw lost('ECONNRESET');
      return { status: 201, body: { done: true } };
    });
    expect(await client.post('/instances', { name: 'shop' })).toEqual({ done: true });
    await client.post('/instances', { name: 'other' });
    expect(surroundings.sent.map(({ headers }) => headers.get('idempotency-key'))).toEqual([
      'id-1',
      'id-1',
      'id-1',
      'id-2',
    ]);
  });

  it('asks on, under the same key, while the server is at a request whose answer was lost', async () => {
    const { client, surroundings } = opened((_, count) => {
      if (count < 2) throw lost('ECONNRESET');
      if (count < 9) return { status: 409, body: { code: 'request-in-flight', detail: 'it is at it' } };
      return { status: 201, body: { done: true } };
    });
    expect(await client.post('/instances', { name: 'shop' })).toEqual({ done: true });
    expect(new Set(surroundings.sent.map(({ headers }) => headers.get('idempotency-key')))).toEqual(new Set(['id-1']));
  });

  it('gives up after four attempts, and at once when nothing listens', async () => {
    const reset = opened(() => {
      throw lost('ECONNRESET');
    });
    await expect(reset.client.get('/templates')).rejects.toMatchObject({ code: 'server-unreachable' });
    const refused = opened(() => {
      throw lost('ECONNREFUSED');
    });
    await expect(refused.client.post('/templates', {})).rejects.toMatchObject({
      code: 'server-unreachable',
      message: 'The server at http://site:1 cannot be reached: nothing listens there. Is the server running?',
    });
    expect([reset.surroundings.sent.length, refused.surroundings.sent.length]).toEqual([4, 1]);
  });

  it('asks, after a write, for what knows of it', async () => {
    const { client, surroundings } = opened(() => ({ headers: { 'Waybill-Position': 'p-7' }, body: {} }));
    await client.patch('/instances/shop/settings', {});
    await client.get('/instances/shop');
    expect(surroundings.sent.map(({ path }) => path)).toEqual([
      '/api/v1/instances/shop/settings',
      '/api/v1/instances/shop?after=p-7',
    ]);
  });

  it('throws a refusal in the words of the server', async () => {
    const { client } = opened(() => refusal(409, 'plan-stale', 'The plan is past.'));
    await expect(client.post('/x', {})).rejects.toMatchObject({
      name: 'ServerProblem',
      message: 'The plan is past.',
      problem: { code: 'plan-stale', status: 409 },
    });
  });

  it('throws what a proxy answers by its status', async () => {
    const { client } = opened(() => ({ status: 502, body: '<h1>Bad gateway</h1>' }));
    await expect(client.get('/x')).rejects.toMatchObject({ problem: { code: 'unknown', status: 502 } });
  });

  it('puts anything into a path', () => {
    expect(pathTo('instances', 'a/b c?', 'records')).toBe('/instances/a%2Fb%20c%3F/records');
  });
});
