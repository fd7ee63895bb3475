import { derivedId } from '@waybill/kernel';

/** Instances that change settings and roll out, with a document now and then: one to eight events at a time, in so many streams as a site has. */
export async function fillLog(store, count) {
  const ends = new Map();
  const appends = [];
  for (let n = 0, append = 0; n < count; append += 1) {
    const isDocument = append % 20 === 0;
    const stream = isDocument ? `document-${append}` : `instance-${append % 200}`;
    const events = Array.from({ length: Math.min(count - n, 1 + ((append * 7) % 8)) }, (_, i) =>
      eventOf(n + i, isDocument),
    );
    const end = ends.get(stream) ?? -1n;
    appends.push(store.append(stream, end < 0n ? 'no_stream' : end, events));
    ends.set(stream, end + BigInt(events.length));
    n += events.length;
    // No stream twice at a time: not every store carries out concurrent appends in their order.
    if (appends.length >= 190) await Promise.all(appends.splice(0));
  }
  await Promise.all(appends);
}

/** What somebody sets, as the server writes it. */
export const settingEvent = (n) => eventOf(n, false);

const eventOf = (n, isDocument) =>
  recorded(
    n,
    isDocument
      ? { type: 'document-piece.v1', data: Buffer.alloc(2_000, n) }
      : { type: 'setting-changed.v1', data: { component: 'web', path: `env/N${n % 50}`, value: `value ${n}` } },
  );

/** The nth event of a log, with all that the server says about one. */
export const recorded = (n, { type, data }) => ({
  id: derivedId('bench', String(n)),
  type,
  data,
  metadata: {
    schema: 1,
    commandId: derivedId('command', String(n)),
    commandDigest: 'f'.repeat(64),
    correlationId: `bench-${n}`,
    actor: { id: 'maria', kind: 'person', role: 'operator' },
    channel: 'api',
    recordedAt: new Date(1_767_225_600_000 + n).toISOString(),
    clock: { source: 'system', synchronised: 'unknown' },
  },
});
