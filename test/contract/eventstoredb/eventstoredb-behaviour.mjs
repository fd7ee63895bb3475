#!/usr/bin/env node
// What a server answers @eventstore/db-client, call by call, in a form that two servers can be compared by.
// Usage: node test/contract/eventstoredb/eventstoredb-behaviour.mjs esdb://127.0.0.1:2113?tls=false > answers.json     (needs an empty log)
// `eventstoredb-behaviour.json` beside this file holds the answers of a genuine EventStoreDB 23.10.6. Positions are replaced by their rank, ids and times left out.
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const {
  EventStoreDBClient,
  jsonEvent,
  binaryEvent,
  ANY,
  NO_STREAM,
  STREAM_EXISTS,
  START,
  END,
  FORWARDS,
  BACKWARDS,
  streamNameFilter,
  eventTypeFilter,
  excludeSystemEvents,
} = require('@eventstore/db-client');
const client = EventStoreDBClient.connectionString(process.argv[2]);
const answers = {};
const positions = new Map();
const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const event = (n, type = 'happened.v1', data = { n }) =>
  jsonEvent({ id: uuid(n), type, data, metadata: { by: 'conformance' } });

/** Bigints as text; positions by the order in which they were first seen (only equality and order are comparable between servers). */
function plain(value) {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
}
const failure = (e) => ({
  error: e.constructor.name,
  type: e.type ?? null,
  code: e.code ?? null,
  ...plain({
    expectedVersion: e.expectedVersion,
    actualVersion: e.actualVersion,
    streamName: e.streamName,
    maxAppendSize: e.maxAppendSize,
  }),
});
async function note(name, call) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve('no answer in 5 s'), 5000);
  });
  try {
    answers[name] = plain(await Promise.race([call(), late])) ?? null;
  } catch (e) {
    answers[name] = failure(e);
  }
  clearTimeout(timer);
}
const appended = (r) => ({
  success: r.success,
  nextExpectedRevision: r.nextExpectedRevision,
  hasPosition: r.position !== undefined,
});
const seen = (r) => ({
  stream: r.event.streamId,
  revision: r.event.revision,
  type: r.event.type,
  data: r.event.data,
  metadata: r.event.metadata,
  isJson: r.event.isJson,
});
async function all(iterable, limit = 1000) {
  const out = [];
  for await (const r of iterable) {
    out.push(r);
    if (out.length >= limit) break;
  }
  return out;
}

// ---- appends
await note('append to a new stream, NO_STREAM', async () =>
  appended(await client.appendToStream('a-1', [event(1)], { expectedRevision: NO_STREAM })),
);
await note('same event again, NO_STREAM', async () =>
  appended(await client.appendToStream('a-1', [event(1)], { expectedRevision: NO_STREAM })),
);
await note('same id, other payload, NO_STREAM', async () =>
  appended(
    await client.appendToStream('a-1', [event(1, 'other.v1', { other: true })], { expectedRevision: NO_STREAM }),
  ),
);
await note('another event, NO_STREAM on an existing stream', async () =>
  appended(await client.appendToStream('a-1', [event(2)], { expectedRevision: NO_STREAM })),
);
await note('append at revision 0', async () =>
  appended(await client.appendToStream('a-1', [event(3)], { expectedRevision: 0n })),
);
await note('same event again at revision 0', async () =>
  appended(await client.appendToStream('a-1', [event(3)], { expectedRevision: 0n })),
);
await note('another event at revision 0', async () =>
  appended(await client.appendToStream('a-1', [event(4)], { expectedRevision: 0n })),
);
await note('append at revision 9 of a stream at 1', async () =>
  appended(await client.appendToStream('a-1', [event(5)], { expectedRevision: 9n })),
);
await note('append at revision 0 of a missing stream', async () =>
  appended(await client.appendToStream('a-missing', [event(6)], { expectedRevision: 0n })),
);
await note('STREAM_EXISTS on a missing stream', async () =>
  appended(await client.appendToStream('a-missing', [event(7)], { expectedRevision: STREAM_EXISTS })),
);
await note('STREAM_EXISTS on an existing stream', async () =>
  appended(await client.appendToStream('a-1', [event(8)], { expectedRevision: STREAM_EXISTS })),
);
await note('ANY', async () => appended(await client.appendToStream('a-1', [event(9)], { expectedRevision: ANY })));
await note('three events in one append', async () =>
  appended(await client.appendToStream('a-2', [event(21), event(22), event(23)], { expectedRevision: NO_STREAM })),
);
await note('the same three again', async () =>
  appended(await client.appendToStream('a-2', [event(21), event(22), event(23)], { expectedRevision: NO_STREAM })),
);
await note('a prefix of them again', async () =>
  appended(await client.appendToStream('a-2', [event(21), event(22)], { expectedRevision: NO_STREAM })),
);
await note('known prefix plus a new event', async () =>
  appended(await client.appendToStream('a-2', [event(21), event(24)], { expectedRevision: NO_STREAM })),
);
await note('no events, new stream', async () =>
  appended(await client.appendToStream('a-empty', [], { expectedRevision: NO_STREAM })),
);
await note('data of exactly 1 MiB', async () =>
  appended(
    await client.appendToStream(
      'a-big',
      [binaryEvent({ id: uuid(31), type: 'big.v1', data: new Uint8Array(1048576) })],
      { expectedRevision: NO_STREAM },
    ),
  ),
);
await note('data of 1 MiB and one byte', async () =>
  appended(
    await client.appendToStream(
      'a-big2',
      [binaryEvent({ id: uuid(32), type: 'big.v1', data: new Uint8Array(1048577) })],
      { expectedRevision: NO_STREAM },
    ),
  ),
);
await note('binary event', async () =>
  appended(
    await client.appendToStream(
      'b-bin',
      [binaryEvent({ id: uuid(33), type: 'bin.v1', data: Buffer.from([0, 1, 255]), metadata: Buffer.from([7]) })],
      { expectedRevision: NO_STREAM },
    ),
  ),
);
await note('non-ASCII stream name, type and data', async () =>
  appended(
    await client.appendToStream('模板-一', [event(34, '已发布.v1', { 名: '数据库 🚀' })], {
      expectedRevision: NO_STREAM,
    }),
  ),
);

// ---- reads
const read = (name, options, when = '') =>
  note(`read ${name} ${JSON.stringify(options, (k, v) => (typeof v === 'bigint' ? `${v}n` : v))}${when}`, async () =>
    (await all(client.readStream(name, options))).map(seen),
  );
await read('a-1', {});
await read('a-1', { fromRevision: 1n, maxCount: 2 });
await read('a-1', { direction: BACKWARDS, fromRevision: END, maxCount: 1 });
await read('a-1', { direction: BACKWARDS });
await read('a-1', { fromRevision: 99n });
await read('a-1', { maxCount: 0 });
await read('a-1', { direction: FORWARDS, fromRevision: END });
await read('a-missing', {});
await read('a-empty', {});
await read('b-bin', {});
await read('模板-一', {});
await note('read all, order of our events', async () =>
  (await all(client.readAll({ fromPosition: START })))
    .filter((r) => !r.event.type.startsWith('$') && !r.event.streamId.startsWith('$') && r.event.type !== 'big.v1')
    .map((r) => {
      positions.set(r.event.id, r.event.position);
      return `${r.event.streamId}@${r.event.revision}`;
    }),
);
await note('read all from a position: first event', async () =>
  seen((await all(client.readAll({ fromPosition: positions.get(uuid(9)), maxCount: 1 })))[0]),
);
await note('read all backwards from a position: first of our events', async () =>
  seen(
    (await all(client.readAll({ direction: BACKWARDS, fromPosition: positions.get(uuid(9)), maxCount: 50 }))).find(
      (r) => !r.event.type.startsWith('$'),
    ),
  ),
);
await note(
  'read all from a position that is no boundary',
  async () =>
    (
      await all(
        client.readAll({
          fromPosition: { commit: positions.get(uuid(9)).commit + 1n, prepare: positions.get(uuid(9)).prepare + 1n },
          maxCount: 1,
        }),
      )
    ).length,
);
await note('system events in $all', async () =>
  (await all(client.readAll({ fromPosition: START }))).some((r) => r.event.type.startsWith('$')),
);

// ---- deletes and metadata
await client.appendToStream('d-1', [event(41), event(42)], { expectedRevision: NO_STREAM });
await note('soft delete at a wrong revision', () =>
  client.deleteStream('d-1', { expectedRevision: 7n }).then((r) => r.success ?? 'done'),
);
await note('soft delete', () => client.deleteStream('d-1', { expectedRevision: 1n }).then(() => 'done'));
await read('d-1', {}, ' after a soft delete');
await note('append NO_STREAM after a soft delete', async () =>
  appended(await client.appendToStream('d-1', [event(43)], { expectedRevision: NO_STREAM })),
);
await read('d-1', {}, ' after soft delete and append');
await note('tombstone', () => client.tombstoneStream('d-1', { expectedRevision: ANY }).then(() => 'done'));
await read('d-1', {}, ' after a tombstone');
await note('append after a tombstone', async () =>
  appended(await client.appendToStream('d-1', [event(44)], { expectedRevision: ANY })),
);
await note('set $maxCount', async () => {
  await client.setStreamMetadata('a-2', { maxCount: 1 });
  return (await client.getStreamMetadata('a-2')).metadata;
});
await read('a-2', {}, ' with $maxCount 1');
await note('set $tb', async () => {
  await client.setStreamMetadata('a-1', { truncateBefore: 2 });
  return (await client.getStreamMetadata('a-1')).metadata;
});
await read('a-1', {}, ' with $tb 2');

// ---- subscriptions
async function follow(start, wanted) {
  const subscription = start();
  const out = [];
  const done = new Promise((resolve, reject) => {
    subscription.on('error', reject);
    subscription.on('confirmation', () => out.push('confirmation'));
    subscription.on('caughtUp', () => {
      out.push('caughtUp');
      if (wanted === 'caughtUp') resolve();
    });
    subscription.on('data', (r) => {
      if (r.event && out.filter((x) => x.includes('@')).length !== wanted) {
        out.push(`${r.event.streamId}@${r.event.revision}`);
        if (out.filter((x) => x.includes('@')).length === wanted) resolve();
      }
    });
  });
  try {
    await done;
  } finally {
    await subscription.unsubscribe().catch(() => {});
  }
  return out;
}
await note('subscribe to $all, stream prefix, from the start', () =>
  follow(
    () => client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: ['a-1', 'b-'] }) }),
    5,
  ),
);
await note('subscribe to $all, two prefixes, from the position of an event', () =>
  follow(
    () =>
      client.subscribeToAll({
        fromPosition: positions.get(uuid(8)),
        filter: streamNameFilter({ prefixes: ['a-1', 'b-'] }),
      }),
    2,
  ),
);
await note('subscribe to $all, event type regex', () =>
  follow(() => client.subscribeToAll({ fromPosition: START, filter: eventTypeFilter({ regex: '^已' }) }), 1),
);
await note('subscribe to $all without system events', () =>
  follow(() => client.subscribeToAll({ fromPosition: START, filter: excludeSystemEvents() }), 3),
);
await note('subscribe to a stream from revision 2', () =>
  follow(() => client.subscribeToStream('a-1', { fromRevision: 2n }), 1),
);
await note('subscribe to a stream that is not there, then append', async () => {
  const p = follow(() => client.subscribeToStream('s-late', { fromRevision: START }), 1);
  await new Promise((r) => setTimeout(r, 300));
  await client.appendToStream('s-late', [event(51)], { expectedRevision: NO_STREAM });
  return (await p).filter((x) => x.includes('@'));
});
await note('live events in order', async () => {
  const p = follow(
    () => client.subscribeToAll({ fromPosition: END, filter: streamNameFilter({ prefixes: ['live-'] }) }),
    20,
  );
  await new Promise((r) => setTimeout(r, 300));
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => client.appendToStream('live-1', [event(100 + i)], { expectedRevision: ANY })),
  );
  return (await p).filter((x) => x.includes('@'));
});
await note('subscribe to a tombstoned stream', () =>
  follow(() => client.subscribeToStream('d-1', { fromRevision: START }), 1),
);

// ---- one winner
await note(
  '20 racing appends at one revision: how many win',
  async () =>
    (
      await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          client.appendToStream('race-1', [event(200 + i)], { expectedRevision: NO_STREAM }),
        ),
      )
    ).filter((r) => r.status === 'fulfilled').length,
);

console.log(JSON.stringify(answers, null, 1));
process.exit(0);
