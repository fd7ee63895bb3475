import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { backendSystem, fixture } from '../support/fixtures.js';
import { cleanServers, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { mountSmallDisk, type SmallDisk } from '../support/smallDisk.js';
import { uploadFile } from '../support/upload.js';
import { waitFor } from '../support/waitFor.js';

const MIB = 1024 ** 2;
const roots = { WAYBILL_IMPORT_ROOTS: join(fixture('1.0'), '..') };
const disks: SmallDisk[] = [];
let server: TestServer;
const here = site(() => server);

async function disk(bytes: number): Promise<SmallDisk> {
  const mounted = await mountSmallDisk(bytes);
  disks.push(mounted);
  return mounted;
}
afterAll(async () => {
  await cleanServers();
  for (const one of disks) await one.remove();
});

const code = ({ status, body }: { readonly status: number; readonly body: unknown }) => [
  status,
  (body as { code?: string } | undefined)?.code,
];

describe('a full disk under the log and the read models', () => {
  let data: SmallDisk;
  const issue = (key: string) =>
    call<{ code?: string; id: string }>(server, 'POST', '/api/v1/tokens', {
      body: { account: 'late', roles: ['auditor'] },
      headers: { 'idempotency-key': key },
    });

  beforeAll(async () => {
    data = await disk(24 * MIB);
    server = await startServer({ data: join(data.folder, 'data'), env: roots });
  });

  it('refuses writes as a whole and says why, goes on reading, and takes the same request when there is room', async () => {
    await data.fill();
    const key = randomUUID();
    const refused = await waitFor('the log to be full', async () => {
      const answer = await issue(randomUUID());
      return answer.status === 507 ? answer : undefined;
    });
    expect(code(refused)).toEqual([507, 'disk-full']);
    expect(code(await issue(key))).toEqual([507, 'disk-full']);
    expect((await call(server, 'GET', '/api/v1/templates')).status).toBe(200);
    expect(await here.ask('GET', '/tokens?limit=1')).toMatchObject({ items: [{}] });

    await data.free();
    const issued = await issue(key);
    expect(issued.status, JSON.stringify(issued.body)).toBe(201);
    await waitFor('the read models to come up', async () =>
      (await call<{ status: string }>(server, 'GET', '/api/v1/health/ready')).body.status === 'ready'
        ? true
        : undefined,
    );
    const listed = await here.ask<{ items: readonly { id: string }[] }>('GET', '/tokens?limit=200');
    expect(listed.items.filter(({ id }) => id === issued.body.id)).toHaveLength(1);
  });

  it('leaves a log behind that a restarted server reads whole', async () => {
    await data.fill();
    await server.kill();
    await data.free();
    server = await startServer({ data: server.data, env: roots });
    expect(await here.ask('GET', '/admin/doctor')).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ check: 'events', state: 'fine' }),
        expect.objectContaining({ check: 'documents', state: 'fine' }),
      ]) as unknown,
    });
  });
});

describe('a full disk under uploads', () => {
  it('refuses an upload that does not fit, and goes on with one when there is room', async () => {
    const data = await disk(24 * MIB);
    server = await startServer({ data: join(data.folder, 'data'), env: roots });
    await data.fill(MIB / 2);
    await expect(uploadFile(server, fixture('1.0'))).rejects.toThrow(/507/);
    await data.free();
    const begun = await uploadFile(server, fixture('1.0'), { chunkSize: MIB / 4, stopAfter: MIB / 4 });
    await data.fill();
    await expect(uploadFile(server, fixture('1.0'), { resume: begun.url })).rejects.toThrow(/507/);
    await data.free();
    const { id: upload } = await uploadFile(server, fixture('1.0'), { resume: begun.url });
    const { operation } = await here.ask<{ operation: string }>('POST', '/imports', { upload, confirm: true });
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
  });
});

describe('a full disk under the content store', () => {
  it('keeps an import waiting with the reason, holds nothing meanwhile, and lets it go on when there is room', async () => {
    const content = await disk(24 * MIB);
    server = await startServer({ env: { ...roots, WAYBILL_CONTENT: join(content.folder, 'content') } });
    await content.fill(MIB);
    const { operation } = await here.beginImport(fixture('1.0'));
    const waiting = await waitFor('the import to wait', async () => {
      const now = await here.ask<{ state: string }>('GET', `/operations/${operation}`);
      return JSON.stringify(now).includes('disk is full') ? now : undefined;
    });
    expect(waiting.state).toBe('running');
    expect(await here.ask('GET', '/templates')).toMatchObject({ items: [] });
    expect(await readdir(join(content.folder, 'content', 'staging'))).toEqual([]);
    await content.free();
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
    expect(await here.ask('GET', `/templates/${backendSystem}/versions`)).toMatchObject({
      items: [{ version: '1.0' }],
    });
    expect(await here.ask('GET', '/inventory/missing')).toMatchObject({ items: [] });
  });
});
