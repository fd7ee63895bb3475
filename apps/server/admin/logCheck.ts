import { createHash, type Hash } from 'node:crypto';
import { catalogDocumentsNamedBy } from '@waybill/catalog';
import { deliveryDocumentsNamedBy, sealedWith } from '@waybill/delivery';
import { answerDocumentNamedBy, type EventStore, type StoredEvent } from '@waybill/event-store';
import { hexOf, type Digest } from '@waybill/kernel';
import { fine, found, type Finding } from './finding.js';

/** Milliseconds by which the clocks of several servers may differ. */
const CLOCK_TOLERANCE = 1_000;

/** Reads the whole log once and tells what is wrong in it: gaps, documents, the writers' clocks, and keys that secrets need. */
export async function checkLog(store: Pick<EventStore, 'readAll'>, keyId: string): Promise<readonly Finding[]> {
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
    ...documents.findings(),
    ...clocks.findings(),
    keyFinding(keys, keyId),
  ];
}

interface Check {
  take(event: StoredEvent): void;
  findings(): readonly Finding[];
}

const documentsNamedBy = (event: StoredEvent): readonly Digest[] => [
  ...catalogDocumentsNamedBy(event),
  ...deliveryDocumentsNamedBy(event),
  ...answerDocumentNamedBy(event),
];

interface OpenDocument {
  readonly hash: Hash;
  complete: boolean;
}

/** Documents are hashed as their pieces go by, and need not fit into memory. */
function documentCheck(): Check {
  const present = new Map<string, OpenDocument>();
  const named = new Map<Digest, string>();
  const damaged: string[] = [];
  return {
    take(event) {
      for (const digest of documentsNamedBy(event))
        if (!named.has(digest)) named.set(digest, `${event.type}, event ${event.revision} of ${event.stream}`);
      const hex = /^document-([0-9a-f]{64})$/.exec(event.stream)?.[1];
      if (hex === undefined) return;
      const document = present.get(hex) ?? { hash: createHash('sha256'), complete: false };
      present.set(hex, document);
      if (event.data instanceof Uint8Array && !document.complete) document.hash.update(event.data);
      else if (event.type === 'document-completed.v1' && !document.complete) {
        document.complete = true;
        if (document.hash.digest('hex') !== hex) damaged.push(event.stream);
      } else damaged.push(event.stream);
    },
    findings() {
      const missing = [...named]
        .filter(([digest]) => present.get(hexOf(digest))?.complete !== true)
        .map(([digest, by]) => `document-${hexOf(digest)}, named by ${by}`);
      const unfinished = [...present]
        .filter(([hex, { complete }]) => !complete && !named.has(`sha256:${hex}` as Digest))
        .map(([hex]) => `document-${hex}`);
      return [
        found('documents', [...damaged, ...missing], {
          none: `${present.size} documents match their digests; all ${named.size} that events name are there`,
          some: 'documents are missing or damaged',
        }),
        ...(unfinished.length === 0
          ? []
          : [
              found(
                'unfinished documents',
                unfinished,
                { none: '', some: 'documents were begun and never named, after an interruption; they do no harm' },
                'remark',
              ),
            ]),
      ];
    },
  };
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
