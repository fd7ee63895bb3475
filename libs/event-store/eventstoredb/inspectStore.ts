import type { StoreFinding, StoreInspection } from '../eventStore.js';
import type { Connection } from './connection.js';
import { IDENTITY_STREAM } from './ownEvents.js';
import { inTime } from './persistence.js';
import { streamed } from './readEvents.js';

/** Settings with which the server hides or deletes events of a stream. */
const DANGEROUS = ['$maxCount', '$maxAge', '$tb'];

/** What the server says of itself, and which of our streams were told to forget. Reads the whole log: the settings stand in streams of their own. */
export async function inspectStore(connection: Connection): Promise<StoreInspection> {
  const { client, timeouts } = connection;
  const settings = new Map<string, readonly StoreFinding[]>();
  for await (const { streamId, type, data } of streamed(connection, () => client.readAll({ requiresLeader: true }))) {
    const stream = streamId.startsWith('$$') ? streamId.slice(2) : '';
    if (type !== '$metadata' || stream === '' || stream.startsWith('$')) continue;
    // The last settings of a stream are those in force.
    settings.set(stream, dangersOf(stream, data));
  }
  // The client knows the version from its first call and does not show it.
  const { capabilities } = client as unknown as { readonly capabilities: Promise<{ readonly serverVersion: string }> };
  const { serverVersion } = await inTime(timeouts.answer, capabilities);
  return { product: 'EventStoreDB', version: serverVersion, findings: [...settings.values()].flat() };
}

function dangersOf(stream: string, settings: unknown): readonly StoreFinding[] {
  if (typeof settings !== 'object' || settings === null) return [];
  const known = settings as Readonly<Record<string, unknown>>;
  const what = stream === IDENTITY_STREAM ? 'the name of this log' : 'events';
  return DANGEROUS.filter((name) => known[name] !== undefined).map((name) => ({
    stream,
    problem: `${name} is ${JSON.stringify(known[name])}: the server hides or deletes ${what}`,
  }));
}
