import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStandInProcess } from '../support/eventstoredb/standInProcess.mjs';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';

const program = join(import.meta.dirname, '../../apps/cli/bin/waybill.mjs');
const fixture = join(import.meta.dirname, '../fixtures/backend-system-1.0-ram.tar.gz');

interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(cleanServers);

const waybill = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, WAYBILL_URL: server.url, WAYBILL_TOKEN: server.adminToken };
    execFile(process.execPath, [program, ...args], { env }, (error, out, err) => {
      resolve({ exit: error === null ? 0 : Number(error.code), out, err });
    });
  });

interface Diagnosis {
  readonly healthy: boolean;
  readonly findings: readonly { readonly check: string; readonly state: string; readonly items: readonly string[] }[];
}

const diagnosis = async (): Promise<readonly string[]> => {
  const { out } = await waybill('admin', 'doctor', '--json');
  return (JSON.parse(out) as Diagnosis).findings.map(({ check, state }) => `${check}: ${state}`);
};

const whole = [
  'event store: fine',
  'settings of the store: fine',
  'events: fine',
  'documents: fine',
  'clock: fine',
  'secret key: fine',
  'content: fine',
  'leftovers: fine',
  'read models: fine',
  'engine: fine',
  'disk: fine',
];

describe('care for a server from the command line', () => {
  it('finds a server sound that has imported a package', async () => {
    expect(await waybill('import', fixture, '--confirm')).toMatchObject({ exit: 0 });
    expect(await diagnosis()).toStrictEqual(whole);
    expect((await waybill('admin', 'doctor')).out).toMatch(/^CHECK +STATE +FOUND\nevent store +fine +embedded store/);
  });

  it('rebuilds the read models, after which the same is answered', async () => {
    const before = (await waybill('template', 'versions', 'backend-system', '--json')).out;
    expect(await waybill('admin', 'rebuild')).toMatchObject({
      exit: 0,
      out: 'The read models were rebuilt from the log.\n',
    });
    expect((await waybill('template', 'versions', 'backend-system', '--json')).out).toBe(before);
    expect(await diagnosis()).toStrictEqual(whole);
  });

  it('finds lost content, names the package that brings it back, and ends with 1', async () => {
    await rm(join(server.data, 'content'), { recursive: true });
    const { exit, out, err } = await waybill('admin', 'doctor');
    expect(exit).toBe(1);
    expect(err).toContain('1 check found a problem.');
    expect(out).toContain('import backend-system-1.0-ram.tar.gz again');
  });

  it('keeps the log from being copied while the server runs, and copies it afterwards', async () => {
    const [from, to] = [join(server.data, 'events.db'), join(server.data, 'copy/events.db')];
    expect(await waybill('admin', 'copy', '--from', from, '--to', to)).toMatchObject({ exit: 7 });
    await server.stop();
    const { exit, out } = await waybill('admin', 'copy', '--from', from, '--to', to);
    expect({ exit, out }).toStrictEqual({ exit: 0, out: expect.stringContaining('Verified:') as unknown });
  });

  it('moves to EventStoreDB, where a server goes on with the same token, secrets and read models', async () => {
    const standIn = await startStandInProcess({ folder: await freshFolder() });
    try {
      const from = join(server.data, 'events.db');
      const { exit, out } = await waybill('admin', 'copy', '--from', from, '--to', standIn.connectionString, '--json');
      expect(exit).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ found: 0, sourceGrew: false });
      server = await startServer({ data: server.data });
      const before = (await waybill('template', 'versions', 'backend-system', '--json')).out;
      await server.stop();
      server = await startServer({ data: server.data, env: { WAYBILL_EVENTSTORE: standIn.connectionString } });
      expect((await waybill('template', 'versions', 'backend-system', '--json')).out).toBe(before);
      expect(await waybill('admin', 'rebuild')).toMatchObject({ exit: 0 });
      expect((await waybill('template', 'versions', 'backend-system', '--json')).out).toBe(before);
      const diagnosed = await waybill('admin', 'doctor');
      expect(diagnosed.out).toMatch(/event store +fine +EventStoreDB \d+\.\d+/);
      expect(diagnosed.err).toContain('1 check found a problem.');
      await server.stop();
    } finally {
      await standIn.stop();
    }
  });

  it('is for administrators only', async () => {
    server = await startServer({ data: server.data });
    const { out } = await waybill('token', 'create', 'otto', '--role', 'operator');
    for (const [method, path] of [
      ['POST', '/api/v1/admin/rebuild'],
      ['GET', '/api/v1/admin/doctor'],
    ] as const) {
      const headers = { Authorization: `Bearer ${out.trim()}` };
      expect((await fetch(`${server.url}${path}`, { method, headers })).status).toBe(403);
    }
  });
});
