import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEventStoreDb, type StoredEvent } from '@waybill/event-store';
import type { StandIn } from './eventstoredb/standIn.mjs';
import { startStandInProcess } from './eventstoredb/standInProcess.mjs';
import { freshFolder, networkPool, startServer, type TestServer } from './server.js';

/** Seconds: what a holder may be silent for, and how long one call of the engine may take. Both short, so that tests need not wait long. */
export const LEASE = 5;
export const ENGINE_TIMEOUT = 10;
/**
 * Seconds within which another server carries on what a dead or frozen one held: one look (1) and one poll of the claim (a third of the lease)
 * until the watching begins, the lease, the engine's timeout; the rest is for a busy machine.
 */
export const HANDOVER = 1 + LEASE / 3 + LEASE + ENGINE_TIMEOUT + 15;

/** Several servers on one event store, with what they share: content, key, range of networks. */
export interface Crew {
  readonly store: StandIn;
  /** Folder from which packages may be imported. */
  readonly folder: string;
  start(options?: { readonly data?: string; readonly env?: Readonly<Record<string, string>> }): Promise<TestServer>;
  /** The whole log as it stands, past the servers. */
  log(): Promise<readonly StoredEvent[]>;
  /** Ends the event store; the servers are ended by `cleanServers`. */
  end(): Promise<void>;
}

export async function startCrew(): Promise<Crew> {
  const shared = await freshFolder();
  const folder = join(shared, 'packages');
  await Promise.all([folder, join(shared, 'log')].map((one) => mkdir(one)));
  const store = await startStandInProcess({ folder: join(shared, 'log') });
  const pool = networkPool(20);
  let adminToken: string | undefined;
  return {
    store,
    folder,
    async start({ data, env = {} } = {}) {
      const server = await startServer({
        ...(data === undefined ? {} : { data }),
        ...(adminToken === undefined ? {} : { adminToken }),
        env: {
          WAYBILL_EVENTSTORE: store.connectionString,
          WAYBILL_CONTENT: join(shared, 'content'),
          WAYBILL_SECRET_KEY: join(shared, 'secret-key'),
          WAYBILL_NETWORK_POOL: pool,
          WAYBILL_IMPORT_ROOTS: folder,
          WAYBILL_LEASE: String(LEASE),
          WAYBILL_ENGINE_TIMEOUT: String(ENGINE_TIMEOUT),
          ...env,
        },
      });
      adminToken ??= server.adminToken;
      return server;
    },
    async log() {
      const reading = await openEventStoreDb({ connectionString: store.connectionString });
      try {
        const events: StoredEvent[] = [];
        for await (const event of reading.readAll()) events.push(event);
        return events;
      } finally {
        await reading.close();
      }
    },
    end: () => store.stop(),
  };
}
