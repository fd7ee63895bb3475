import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fold, type DomainEvent, type Serde, type StoredEvent } from '@waybill/event-store';
import type { EventId } from '@waybill/kernel';
import { instanceDecider } from './instanceDecider.js';
import type { InstanceEvent } from './instanceEvents.js';
import { instanceNameDecider } from './instanceName.js';
import { engineDecider } from './reservations.js';
import { runsDecider } from './runs.js';
import { retentionDecider } from './retention.js';
import { engineSerde, instanceNameSerde, instanceSerde, retentionSerde, runSerde } from './serde.js';

const folder = new URL('./golden/', import.meta.url);
const names = readdirSync(folder).sort();

/** As it stands in a log since the day that form of the event was first shipped. */
function golden(name: string): StoredEvent {
  const { type, data } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Pick<
    StoredEvent,
    'type' | 'data'
  >;
  return {
    id: '00000000-0000-4000-8000-000000000001' as EventId,
    type,
    data,
    metadata: {},
    stream: 'golden',
    revision: 0n,
    position: 0n,
  };
}

const read = <Event extends DomainEvent>(serde: Serde<Event>, ...types: readonly string[]): readonly Event[] =>
  types.map((type) => serde.decode(golden(type)));
const serdes: readonly Serde<DomainEvent>[] = [instanceSerde, engineSerde, instanceNameSerde, runSerde, retentionSerde];

const record = '0c7f4e7e-1d64-5c55-8d2b-7a5a7d3f4b21';
const rollout = [
  'instance-created.v1',
  'setting-changed.v1',
  'secret-stored.v1',
  'plan-proposed.v1',
  'rollout-started.v1',
  'taken-over.v1',
  'taken-over.v2',
  'component-apply-intended.v1',
];

describe('the events on record', () => {
  it('are those that are written now, and all earlier forms of them', () => {
    const written = serdes.flatMap((serde) => serde.types).map((type) => `${type}.json`);
    expect(names).toStrictEqual(expect.arrayContaining(written));
  });

  const newest = new Set(serdes.flatMap((serde) => serde.types));
  it.each(names.map((name) => name.replace(/\.json$/, '')))('reads %s and writes it in its newest form', (name) => {
    const stored = golden(name);
    const serde = serdes.find((one) => one.knows(stored.type));
    const written = serde?.encode(serde.decode(stored));
    if (newest.has(name)) expect(written).toStrictEqual({ type: stored.type, data: stored.data });
    else expect(newest).toContain(written?.type);
    expect(stored.type).toBe(name);
  });

  it('turn no runner away for having been taken over before epochs were written', () => {
    const { data } = instanceSerde.decode(golden('taken-over.v1')) as Extract<InstanceEvent, { type: 'taken-over' }>;
    expect(data).toStrictEqual({ operation: `record-${record}`, runner: 'server-b', epoch: 0 });
  });

  it('fold into an instance whose rollout completed', () => {
    const state = fold(
      instanceDecider,
      read(instanceSerde, ...rollout, 'component-applied.v1', 'component-removed.v1', 'rollout-completed.v1'),
    );
    expect(state).toMatchObject({
      status: 'installed',
      name: 'shop',
      version: { version: '2.0' },
      settings: {},
      secrets: { 'db/PASS': [{ version: 1, sealed: { keyId: '0a1b2c3d' } }] },
      units: { web: { record, containers: [{ id: 'f00d', name: 'wb-shop-web-0' }] } },
      records: [
        {
          id: record,
          kind: 'upgrade',
          status: 'completed',
          reason: 'ticket 4711',
          proposedAt: 3,
          components: { old: { status: 'removed' } },
        },
      ],
    });
  });

  it('fold into an instance whose setting waits no longer', () =>
    expect(
      fold(instanceDecider, read(instanceSerde, 'instance-created.v1', 'setting-changed.v1', 'setting-withdrawn.v1')),
    ).toMatchObject({ status: 'created', settings: {}, length: 3 }));

  it('fold into an instance whose rollout was reverted, failed, or took the instance away', () => {
    const reverted = fold(
      instanceDecider,
      read(instanceSerde, ...rollout, 'component-failed.v1', 'rollout-reverted.v1'),
    );
    expect(reverted).toMatchObject({
      status: 'created',
      settings: { 'web/env/LOG_LEVEL': { revision: 1 } },
      records: [{ status: 'reverted', components: { web: { log: 'cannot start\n' } } }],
    });
    const failed = fold(instanceDecider, read(instanceSerde, ...rollout, 'component-failed.v1', 'rollout-failed.v1'));
    expect(failed).toMatchObject({ records: [{ status: 'failed', failure: 'exited with exit code 3' }] });
    const removed = fold(instanceDecider, read(instanceSerde, ...rollout, 'instance-removed.v1'));
    expect(removed).toMatchObject({ status: 'removed', units: {} });
  });

  it('fold into runs that are open or over', () => {
    const run = '9b0c1c1e-0f6a-5b5e-8a55-1c2d3e4f5a6b';
    expect(fold(runsDecider, read(runSerde, 'run-started.v1'))).toEqual(new Map([[run, 'open']]));
    expect(fold(runsDecider, read(runSerde, 'run-started.v1', 'run-ended.v1'))).toEqual(new Map([[run, 'over']]));
    expect(fold(runsDecider, read(runSerde, 'run-skipped.v1'))).toEqual(new Map([[run, 'over']]));
  });

  it('fold into how far back a rollback must remain possible', () => {
    expect(fold(retentionDecider, read(retentionSerde, 'retention-policy-set.v1'))).toStrictEqual(
      new Map([['5f0c2a54-7d0b-5a3e-9c3b-3f8b1f6f2a10', { records: 5, days: 365 }]]),
    );
  });

  it('fold into what is reserved of an engine, and who has a name', () => {
    const held = fold(
      engineDecider,
      read(engineSerde, 'engine-registered.v1', 'port-reserved.v1', 'subnet-reserved.v1'),
    );
    expect(held).toMatchObject({
      registered: true,
      ports: { 'tcp/20000': { component: 'web' } },
      subnets: { '10.213.0.0/26': { purpose: 'inside' } },
    });
    expect(
      fold(
        engineDecider,
        read(
          engineSerde,
          'engine-registered.v1',
          'port-reserved.v1',
          'port-released.v1',
          'subnet-reserved.v1',
          'subnet-released.v1',
        ),
      ),
    ).toStrictEqual({ registered: true, ports: {}, subnets: {} });
    expect(fold(instanceNameDecider, read(instanceNameSerde, 'name-taken.v1'))).toMatchObject({
      holder: '5f0c2a54-7d0b-5a3e-9c3b-3f8b1f6f2a10',
    });
    expect(fold(instanceNameDecider, read(instanceNameSerde, 'name-taken.v1', 'name-freed.v1'))).toStrictEqual({
      holder: undefined,
    });
  });
});
