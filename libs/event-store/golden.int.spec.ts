import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { derivedId, fixedClock, sha256, type CanonicalValue, type EventId } from '@waybill/kernel';
import { answers } from './answers.js';
import { claims } from './claims/claims.js';
import { readClaim } from './claims/claimEvents.js';
import { documentStream } from './documentPieces.js';
import { documents } from './documents.js';
import type { EventToAppend } from './event.js';
import { eventMetadata, writeMetadata } from './eventMetadata.js';
import { someContext, theServer } from './testing/commands.js';
import { manualTime } from './testing/manualTime.js';
import { temporaryStore, type TemporaryStore } from './testing/temporaryStore.js';

const folder = join(import.meta.dirname, 'golden');

interface Shipped {
  readonly type: string;
  readonly data?: CanonicalValue;
  readonly base64?: string;
}

/** Data as JSON, or as bytes where the file says them in base64. */
function shipped(name: string): Pick<EventToAppend, 'type' | 'data'> {
  const { type, data, base64 } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Shipped;
  return { type, data: base64 === undefined ? (data ?? {}) : new Uint8Array(Buffer.from(base64, 'base64')) };
}

const metadata = writeMetadata(eventMetadata(someContext('golden'), fixedClock()));

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary.remove());

const append = (stream: string, ...names: readonly string[]) =>
  temporary.store.append(
    stream,
    'any',
    names.map((name) => ({ id: derivedId('golden', stream, name) as EventId, ...shipped(name), metadata })),
  );

async function written(prefix: string) {
  const found: Pick<EventToAppend, 'type' | 'data'>[] = [];
  for await (const { type, data } of temporary.store.readAll(undefined, { prefixes: [prefix] }))
    found.push({ type, data });
  return found;
}

describe('every event of answers, documents and claims that was ever written', () => {
  it('has a golden file', () => {
    expect(readdirSync(folder).sort()).toStrictEqual([
      'answer-given.v1.json',
      'claim-released.v1.json',
      'claim-renewed.v1.json',
      'claim-taken.v1.json',
      'document-completed.v1.json',
      'document-piece.v1.json',
    ]);
  });

  it('is still read as an answer, and written alike now', async () => {
    const context = someContext('golden');
    const of = {
      store: temporary.store,
      clock: fixedClock(),
      documents: documents(temporary.store, fixedClock(), theServer),
    };
    const answer = {
      status: 202,
      headers: { location: '/api/v1/imports/1', 'waybill-position': 'WyJhIiwiMSJd' },
      body: '{"id":"1"}',
    };
    await append(`answer-${context.commandId}`, 'answer-given.v1');
    expect(await answers(of).find(context)).toStrictEqual({ ...answer, position: 0n });
    await answers(of).keep(someContext('another'), answer);
    expect((await written('answer-'))[1]).toStrictEqual(shipped('answer-given.v1'));
  });

  it('is still read as a document', async () => {
    const digest = sha256('{"a":1}');
    await append(documentStream(digest), 'document-piece.v1', 'document-completed.v1');
    expect(await documents(temporary.store, fixedClock(), theServer).getJson(digest)).toStrictEqual({ a: 1 });
  });

  it('is written alike for a document now', async () => {
    await documents(temporary.store, fixedClock(), theServer).putJson({ a: 1 });
    expect(await written('document-')).toStrictEqual([shipped('document-piece.v1'), shipped('document-completed.v1')]);
  });

  it('is still read as a claim', async () => {
    await append('claim-x', 'claim-taken.v1', 'claim-renewed.v1');
    const held = { kind: 'held', epoch: 2, revision: 1n, runner: 'site.1f2e3d4c', leaseMs: 15_000 };
    expect(await readClaim(temporary.store, 'x')).toMatchObject(held);
    await append('claim-x', 'claim-released.v1');
    expect(await readClaim(temporary.store, 'x')).toMatchObject({ kind: 'free', epoch: 2, revision: 2n });
  });

  it('is written alike for a claim now', async () => {
    const time = manualTime();
    await append('claim-x', 'claim-released.v1');
    const options = { store: temporary.store, actor: theServer, runner: 'site.1f2e3d4c', leaseMs: 15_000 };
    const earlier = (await written('claim-')).length;
    const claim = await claims({ ...options, clock: time.clock, sleep: time.sleep }).acquire('x');
    await claim.release();
    expect((await written('claim-')).slice(earlier)).toStrictEqual([
      { type: 'claim-taken.v1', data: { runner: 'site.1f2e3d4c', epoch: 3, leaseMs: 15_000 } },
      { type: 'claim-released.v1', data: { runner: 'site.1f2e3d4c', epoch: 3 } },
    ]);
  });
});
