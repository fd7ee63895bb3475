import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import { WaybillError } from '@waybill/kernel';
import type { StoreAddress } from './connectionString.js';

/** A hold on the process's client; released once. */
export interface ClientLease {
  readonly client: EventStoreDBClient;
  release(): Promise<void>;
}

/** Disposing has been seen to hang on unread buffers. */
const DISPOSE_MS = 1_000;

const clients = new Map<string, { readonly client: EventStoreDBClient; users: number }>();

/** One client per connection string and process: stores over the same string share it, and the last one to leave disposes of it. */
export function leaseClient(address: StoreAddress): ClientLease {
  const shared = clients.get(address.connectionString) ?? { client: connect(address), users: 0 };
  clients.set(address.connectionString, shared);
  shared.users += 1;
  let held = true;
  return {
    client: shared.client,
    async release() {
      if (!held) return;
      held = false;
      shared.users -= 1;
      if (shared.users > 0) return;
      clients.delete(address.connectionString);
      const late = new AbortController();
      await Promise.race([shared.client.dispose(), delay(DISPOSE_MS, undefined, { signal: late.signal })]).finally(() =>
        late.abort(),
      );
    },
  };
}

function connect(address: StoreAddress): EventStoreDBClient {
  try {
    return unbreakable(EventStoreDBClient.connectionString(address.connectionString));
  } catch {
    // The client's error carries the whole string, with the password: it must not travel on as a cause.
    throw new WaybillError('configuration-invalid', {
      name: 'WAYBILL_EVENTSTORE',
      reason: `the client cannot use ${address.printable}.`,
    });
  }
}

/**
 * After a lost connection the client looks for a node in the background, for every call that fails, and nobody waits for the outcome: when
 * no node is found while a second call fails, that is an unhandled rejection, which ends the process. The calls themselves fail as they should.
 */
function unbreakable(client: EventStoreDBClient): EventStoreDBClient {
  const inner = client as unknown as { handleError: (...failure: readonly unknown[]) => Promise<void> };
  const { handleError } = inner;
  inner.handleError = (...failure) => handleError(...failure).catch(() => undefined);
  return client;
}
