import { sealedWith } from '@waybill/delivery';
import type { Documents, EventStore, StoredEvent } from '@waybill/event-store';
import { documentCheck } from './documentCheck.js';
import { fine, found, type Finding } from './finding.js';

/** Milliseconds by which the clocks of several servers may differ. */
const CLOCK_TOLERANCE = 1_000;

/** Reads the whole log once and tells what is wrong in it: gaps, documents, the writers' clocks, and keys that secrets need. */
export async function checkLog(
  store: Pick<EventStore, 'readAll'>,
  read: Pick<Documents, 'getJson'>,
  keyId: string,
): Promise<readonly Finding[]> {
  const streams = new Map<string, bigint>();
  const gaps: string[] = [];
  const documents = documentCheck();
  const clocks = clockCheck();
  const keys = new Map<string, number>();
  const unreadable: string[] = [];
  let events = 0;
  for await (const event of store.readAll()) {
    events += 1;
    const expected = streams.get(event.stream) ?? 0n;
    if (event.revision !== expected)
      gaps.push(`${event.stream}: event ${event.revision} stands where ${expected} is expected`);
    streams.set(event.stream, event.revision + 1n);
    clocks.take(event);
    try {
      documents.take(event);
      const key = sealedWith(event);
      if (key !== undefined) keys.set(key, (keys.get(key) ?? 0) + 1);
    } catch (error) {
      unreadable.push(error instanceof Error ? error.message : String(error));
    }
  }
  return [
    found('events', [...gaps, ...unreadable], {
      none: `${events} events in ${streams.size} streams, without gaps`,
      some: 'events are missing or cannot be read',
    }),
    ...(await documents.findings(read)),
    ...clocks.findings(),
    keyFinding(keys, keyId),
  ];
}

interface Check {
  take(event: StoredEvent): void;
  findings(): readonly Finding[];
}

interface Claimed {
  readonly recordedAt?: unknown;
  readonly clock?: { readonly synchronised?: unknown };
}

function clockCheck(): Check {
  let latest = Number.NEGATIVE_INFINITY;
  let state = 'unknown';
  const back: string[] = [];
  return {
    take(event) {
      const { recordedAt, clock } = event.metadata as Claimed;
      const at = typeof recordedAt === 'string' ? Date.parse(recordedAt) : Number.NaN;
      if (Number.isNaN(at)) return;
      if (typeof clock?.synchronised === 'string') state = clock.synchronised;
      if (at < latest - CLOCK_TOLERANCE)
        back.push(
          `${event.stream}, event ${event.revision}: ${new Date(at).toISOString()} was written after ${new Date(latest).toISOString()}`,
        );
      latest = Math.max(latest, at);
    },
    findings: () => [
      found(
        'clock',
        back,
        {
          none: `times in the log only go forward; the last writer's clock was synchronised: ${state}`,
          some: 'events carry an earlier time than one before them: a clock was set back, or the servers’ clocks differ',
        },
        'remark',
      ),
    ],
  };
}

function keyFinding(keys: ReadonlyMap<string, number>, keyId: string): Finding {
  if (keyId === 'missing')
    return {
      check: 'secret key',
      state: 'problem',
      detail: 'the secret key is missing: history can be read, and nothing with a secret can be rolled out',
      items: [],
    };
  const foreign = [...keys].filter(([key]) => key !== keyId);
  return foreign.length === 0
    ? fine('secret key', `the key ${keyId} opens all ${keys.get(keyId) ?? 0} secrets in the log`)
    : found(
        'secret key',
        foreign.map(([key, count]) => `key ${key}: ${count}`),
        { none: '', some: `other keys sealed secrets that the server's key ${keyId} cannot open` },
      );
}
