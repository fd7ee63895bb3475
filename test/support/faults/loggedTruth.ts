import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore, type StoredEvent } from '@waybill/event-store';

/** What the log itself says is held, past every read model. */
export interface LoggedTruth {
  /** `port 30000` and `subnet 10.0.0.0/26`, by the instance that holds them. */
  readonly reserved: ReadonlyMap<string, readonly string[]>;
  /** Names that are taken, with the instance that has them. */
  readonly names: ReadonlyMap<string, string>;
}

/** Reads a copy of the log that a server at rest has open. */
export async function loggedTruth(data: string): Promise<LoggedTruth> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-log-'));
  try {
    for (const name of ['events.db', 'events.db-wal'])
      await copyFile(join(data, name), join(folder, name)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      });
    const store = await openSqliteEventStore({ file: join(folder, 'events.db') });
    try {
      return await fold(store.readAll(undefined, { prefixes: ['engine-', 'instancename-'] }));
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fold(log: AsyncIterable<StoredEvent>): Promise<LoggedTruth> {
  const held = new Map<string, string>();
  const names = new Map<string, string>();
  for await (const { type, stream, data } of log) {
    const { instance = '', hostPort, protocol, subnet } = data as unknown as Readonly<Record<string, string>>;
    const port = `port ${String(protocol)} ${String(hostPort)}`;
    switch (type.replace(/\.v\d+$/, '')) {
      case 'port-reserved':
        held.set(port, instance);
        break;
      case 'port-released':
        held.delete(port);
        break;
      case 'subnet-reserved':
        held.set(`subnet ${String(subnet)}`, instance);
        break;
      case 'subnet-released':
        held.delete(`subnet ${String(subnet)}`);
        break;
      case 'name-taken':
        names.set(stream, instance);
        break;
      case 'name-freed':
        names.delete(stream);
    }
  }
  const reserved = new Map<string, string[]>();
  for (const [what, instance] of held) reserved.set(instance, [...(reserved.get(instance) ?? []), what]);
  return { reserved, names };
}
