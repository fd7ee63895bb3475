import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documents } from '@waybill/event-store';
import { temporaryStore, theServer, type TemporaryStore } from '@waybill/event-store/testing';
import { derivedId, fixedClock, hexOf, sha256, type CanonicalValue, type Digest, type EventId } from '@waybill/kernel';
import { checkLog } from './logCheck.js';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary.remove());

let n = 0;
const append = (
  stream: string,
  type: string,
  data: CanonicalValue | Uint8Array,
  recordedAt = '2026-01-01T00:00:00.000Z',
) =>
  temporary.store.append(stream, 'any', [
    {
      id: derivedId('doctor', String((n += 1))) as EventId,
      type,
      data,
      metadata: { recordedAt, clock: { source: 'system', synchronised: 'yes' } },
    },
  ]);

const planned = (plan: Digest, desired: Digest | null = null) =>
  append('instance-1', 'plan-proposed.v1', {
    record: 'r',
    kind: 'install',
    plan,
    from: null,
    to: null,
    desired,
    ports: [],
  });

const stored = () => documents(temporary.store, fixedClock(), theServer);

const planOf = (spec: Digest, desired: Digest, manifest: Digest): CanonicalValue => ({
  steps: [{ spec: { document: spec, digest: spec } }, {}],
  desired,
  from: null,
  to: { version: '1.0', manifest },
});
const desiredOf = (manifest: Digest, file: Digest): CanonicalValue => ({
  manifest,
  components: { web: { items: { 'file//etc/web.conf': { value: { document: file, mode: 420 } } } } },
});

const stateOf = async (check: string, key = 'k1') =>
  (await checkLog(temporary.store, stored(), key)).find((finding) => finding.check === check);

describe('the check of a log', () => {
  it('is content with a log in which everything is there', async () => {
    const put = stored();
    const spec = await put.put(new Uint8Array(600_000).fill(7));
    const file = await put.put(new Uint8Array(0));
    const manifest = await put.putJson({ carried: [{ content: file }], routes: [{ settings: file }] });
    const desired = await put.putJson(desiredOf(manifest, file));
    await planned(await put.putJson(planOf(spec, desired, manifest)), desired);
    await append('instance-1', 'secret-stored.v1', {
      name: 's',
      version: 1,
      fingerprint: 'f',
      sealed: { keyId: 'k1', nonce: 'n', ciphertext: 'c' },
      source: 'set',
    });
    const findings = await checkLog(temporary.store, stored(), 'k1');
    expect(findings.map(({ check, state }) => `${check}: ${state}`)).toStrictEqual([
      'events: fine',
      'documents: fine',
      'clock: fine',
      'secret key: fine',
    ]);
    expect(findings[1]?.detail).toBe('5 documents match their digests; all 5 that events and documents name are there');
  });

  it('names a document that an event needs and the log does not have, or has unfinished', async () => {
    const [missing, unfinished] = [sha256('missing'), sha256('unfinished')];
    await append(`document-${unfinished.slice(7)}`, 'document-piece.v1', Buffer.from('unfin'));
    await planned(missing, unfinished);
    expect(await stateOf('documents')).toMatchObject({
      state: 'problem',
      items: [
        `document-${missing.slice(7)}, named by plan-proposed.v1, event 0 of instance-1`,
        `document-${unfinished.slice(7)}, named by plan-proposed.v1, event 0 of instance-1`,
      ],
    });
  });

  it('names documents that only other documents name, however deep, and that the log does not have', async () => {
    const put = stored();
    const [spec, file, carried, route] = [sha256('spec'), sha256('file'), sha256('carried'), sha256('route')];
    const manifest = await put.putJson({ carried: [{ content: carried }], routes: [{ settings: route }] });
    const desired = await put.putJson(desiredOf(manifest, file));
    const plan = await put.putJson(planOf(spec, desired, manifest));
    await planned(plan, desired);
    const finding = await stateOf('documents');
    expect(finding?.state).toBe('problem');
    expect([...(finding?.items ?? [])].sort()).toEqual(
      (
        [
          [spec, plan],
          [file, desired],
          [carried, manifest],
          [route, manifest],
        ] as const
      )
        .map(([missing, by]) => `document-${hexOf(missing)}, named by document-${hexOf(by)}`)
        .sort(),
    );
  });

  it('names a plan that is none', async () => {
    const plan = await stored().putJson({ steps: 7 });
    await planned(plan);
    const finding = await stateOf('documents');
    expect(finding?.state).toBe('problem');
    expect(finding?.items[0]).toContain(`document-${hexOf(plan)}`);
  });

  it('names a document whose bytes are not what its name says', async () => {
    const stream = `document-${sha256('true').slice(7)}`;
    await append(stream, 'document-piece.v1', Buffer.from('forged'));
    await append(stream, 'document-completed.v1', { pieces: 1, size: 6 });
    expect(await stateOf('documents')).toMatchObject({ state: 'problem', items: [stream] });
  });

  it('remarks on a document that was begun and never named', async () => {
    const stream = `document-${sha256('begun').slice(7)}`;
    await append(stream, 'document-piece.v1', Buffer.from('be'));
    expect(await stateOf('documents')).toMatchObject({ state: 'fine' });
    expect(await stateOf('unfinished documents')).toMatchObject({ state: 'remark', items: [stream] });
  });

  it('remarks on a clock that was set back, and not on servers that differ a little', async () => {
    await append('a', 'x.v1', {}, '2026-01-01T00:00:10.000Z');
    await append('a', 'x.v1', {}, '2026-01-01T00:00:09.500Z');
    expect(await stateOf('clock')).toMatchObject({ state: 'fine' });
    await append('a', 'x.v1', {}, '2026-01-01T00:00:05.000Z');
    expect(await stateOf('clock')).toMatchObject({
      state: 'remark',
      items: ['a, event 2: 2026-01-01T00:00:05.000Z was written after 2026-01-01T00:00:10.000Z'],
    });
  });

  it('names keys that sealed secrets which the server cannot open', async () => {
    const sealed = { keyId: 'old', nonce: 'n', ciphertext: 'c' };
    const data = { name: 's', version: 1, fingerprint: 'f', sealed, source: 'set' };
    await append('instance-1', 'secret-stored.v1', data);
    expect(await stateOf('secret key')).toMatchObject({ state: 'problem', items: ['key old: 1'] });
    expect(await stateOf('secret key', 'missing')).toMatchObject({ state: 'problem' });
  });

  it('names events that cannot be read, and gaps', async () => {
    await append('instance-1', 'never-written.v9', {});
    expect(await stateOf('events')).toMatchObject({ state: 'problem' });
    await planned(sha256('x'));
    await planned(sha256('y'));
    async function* truncated() {
      for await (const event of temporary.store.readAll()) if (event.revision !== 1n) yield event;
    }
    const [events] = await checkLog({ readAll: truncated }, stored(), 'k1');
    expect(events?.items).toContain('instance-1: event 2 stands where 1 is expected');
  });
});
