import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openSqliteEventStore } from '@waybill/event-store';
import { ensureEngine } from '../../deploy/setup/engine.mjs';
import { ownNetworkPool } from '../../deploy/demo/ownPlaces.mjs';
import { engineCalls } from '../../deploy/demo/engineCalls.mjs';
import { startServer } from '../../deploy/demo/server.mjs';

/** The built server on fresh data, with what a site does over its API. `stop` leaves nothing behind, instances on the engine included. */
export async function siteServer({ importRoot }) {
  const dockerHost = await ensureEngine();
  const data = await mkdtemp(join(tmpdir(), 'waybill-bench-data-'));
  const env = { WAYBILL_IMPORT_ROOTS: importRoot, WAYBILL_LOG_LEVEL: 'warn' };
  const networkPool = ownNetworkPool();
  const start = () => startServer({ data, dockerHost, networkPool, env });
  let server = await start();
  const authorization = `Bearer ${(await readFile(join(data, 'admin-token'), 'utf8')).trim()}`;
  const made = [];

  async function ask(method, path, body) {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}\n${server.logTail()}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Watches as the command line does: asking again and again would be work for the server that is measured. */
  async function ended(operation) {
    const stream = await fetch(`${server.url}/api/v1/operations/${operation}/stream`, { headers: { authorization } });
    await stream.text();
    const now = await ask('GET', `/operations/${operation}`);
    if (now.state !== 'succeeded')
      throw new Error(`${operation} ${now.state}: ${JSON.stringify(now)}\n${server.logTail()}`);
  }

  /** An import ends a moment before the catalog's read model has heard of it. */
  async function known(template) {
    const seen = () => fetch(`${server.url}/api/v1/templates/${template}`, { headers: { authorization } });
    while ((await seen()).status === 404) await pause(10);
  }

  return {
    data,
    ask,
    ended,
    async import(file) {
      const { operation } = await ask('POST', '/imports', { path: file, confirm: true });
      await ended(operation);
    },
    /** Answers what the finished export says of its file, and where it lies. */
    async export(body) {
      const { id, operation } = await ask('POST', '/exports', body);
      await ended(operation);
      const { file } = await ask('GET', `/exports/${id}`);
      return { ...file, id, path: join(data, 'content', 'exports', id, 'package') };
    },
    async create(name, template, version) {
      made.push(name);
      await known(template);
      await ask('POST', '/instances', { name, template, version });
    },
    plan: (name, body) => ask('POST', `/instances/${name}/plans`, body),
    /** Begins to carry a plan out and answers the operation. */
    async submit(name, { digest }) {
      return (await ask('POST', `/instances/${name}/records`, { plan: digest })).operation;
    },
    /** Works on the log itself while the server is away. */
    async offline(work) {
      await server.stop();
      const store = await openSqliteEventStore({ file: join(data, 'events.db') });
      await work(store);
      await store.close();
      server = await start();
    },
    /** The most memory that the server ever had, in MB. */
    async peakMemory() {
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
      return (Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) * 1_024) / 1_000_000;
    },
    /** Milliseconds that processors have worked for the server so far, all its threads together. */
    async processorTime() {
      const [user, system] = (await readFile(`/proc/${server.pid}/stat`, 'utf8'))
        .split(') ')[1]
        .split(' ')
        .slice(11, 13);
      return (Number(user) + Number(system)) * 10;
    },
    async stop() {
      await server.stop();
      for (const name of made) await engineCalls(dockerHost).sweep(name);
      await rm(data, { recursive: true, force: true });
    },
  };
}
