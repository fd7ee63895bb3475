import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { call, type Answer } from '../call.js';
import { freshFolder, startServer, type TestServer } from '../server.js';

/** A server that dies where it is told to and is started again at once, as its init system would do. */
export interface MortalServer {
  readonly data: string;
  /** The one that runs, or comes up. */
  alive(): Promise<TestServer>;
  /** Tells it at which passing to die; see `obeyFailpoints`. */
  dieAt(order: string): Promise<void>;
  /** Has it died since it was told to? */
  hasDied(): boolean;
  /** Takes the order back. @returns whether it was carried out */
  spare(): Promise<boolean>;
  /** The passings so far. */
  passings(): Promise<readonly string[]>;
  /** Begins a new list of passings. */
  forget(): Promise<void>;
  /** A request that is sent again, with the same key, until it is answered. */
  insist<Body>(
    method: string,
    path: string,
    options: { readonly key: string; readonly body?: unknown },
  ): Promise<Answer<Body>>;
  /** Does something that a death may interrupt, again and again until it succeeds. */
  insistOn<T>(work: (server: TestServer) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Deaths, or waits for a server that comes up, after which something is wrong with the test. */
const PATIENCE = 20;

export async function mortalServer(env: Readonly<Record<string, string>>): Promise<MortalServer> {
  const file = join(await freshFolder(), 'passings');
  const order = `${file}.kill`;
  const withFailpoints = { ...env, WAYBILL_FAILPOINTS: file };
  let deaths = 0;
  let ending = false;
  let failure: Error | undefined;
  let running = begin();
  const first = await running;

  async function begin(data?: string): Promise<TestServer> {
    const server = await startServer({ env: withFailpoints, ...(data === undefined ? {} : { data }) });
    void server.exited.then(() => {
      if (ending) return;
      deaths += 1;
      // What it was told to do it has done: the one that follows lives.
      running = rm(order, { force: true }).then(() => begin(server.data));
      running.catch((error: unknown) => (failure = new Error('it does not start any more', { cause: error })));
    });
    return server;
  }

  async function insistOn<T>(work: (server: TestServer) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const before = deaths;
      const server = await running;
      try {
        return await work(server);
      } catch (error) {
        if (failure !== undefined) throw failure;
        // Only a death is an excuse; its news may come after that of the broken connection.
        for (let wait = 0; deaths === before && wait < 20; wait += 1) await delay(50);
        if (deaths === before || attempt === PATIENCE) throw error;
      }
    }
  }

  return {
    data: first.data,
    alive: () => running,
    async dieAt(passing) {
      await writeFile(`${order}.new`, passing);
      await rename(`${order}.new`, order);
      deaths = 0;
    },
    hasDied: () => deaths > 0,
    async spare() {
      await rm(order, { force: true });
      await running;
      return deaths > 0;
    },
    passings: async () => (await readFile(file, 'utf8')).split('\n').filter((line) => line !== ''),
    forget: () => writeFile(file, ''),
    insistOn,
    insist: (method, path, { key, body }) =>
      insistOn((server) =>
        call(server, method, `/api/v1${path}`, {
          headers: { 'idempotency-key': key },
          ...(body === undefined ? {} : { body }),
        }),
      ),
    async stop() {
      ending = true;
      await (await running).stop();
    },
  };
}
