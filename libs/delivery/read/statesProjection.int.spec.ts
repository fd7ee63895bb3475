import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documents as openDocuments, readModels, type EventToAppend, type ReadModels } from '@waybill/event-store';
import { temporaryStore, theServer, type TemporaryStore } from '@waybill/event-store/testing';
import { derivedId, fixedClock, type EventId, type InstanceId } from '@waybill/kernel';
import { instanceSerde } from '../domain/serde.js';
import type { InstanceEvent } from '../domain/instanceEvents.js';
import {
  absent,
  evolveInstance,
  openRecord,
  type ExistingInstance,
  type InstanceState,
} from '../domain/instanceState.js';
import { instanceEvents } from '../app/streams.js';
import { readInstance, readInstanceAt } from './instanceState.js';
import { BLOCK, statesProjection } from './statesProjection.js';

const instance = derivedId('instance') as InstanceId;
const START = Date.parse('2026-01-01T00:00:00Z');
const RECORDS = 40;

/** Seconds after the start at which the nth event was recorded: the clock was set back by ten minutes once in a while, within a block and across two. */
const secondOf = (n: number): number => n * 10 - (n % 90 === 60 ? 600 : 0) - (n >= 130 && n < 140 ? 300 : 0);
const timeOf = (n: number): string => new Date(START + secondOf(n) * 1_000).toISOString();

describe('the state of an instance at a moment', () => {
  let temporary: TemporaryStore;
  let models: ReadModels;
  let deps: Parameters<typeof readInstanceAt>[0];
  beforeEach(async () => {
    temporary = await temporaryStore();
    const { store, folder } = temporary;
    models = await readModels({ file: join(folder, 'read.db'), store, projections: [statesProjection] });
    deps = { store, readModels: models, documents: openDocuments(store, fixedClock(), theServer) };
    await write(history(), store);
    await models.start();
  });
  afterEach(async () => {
    await models.close();
    await temporary.remove();
  });

  it('is what a fold of all events up to then gives, at every moment of a long history', async () => {
    const states = await allStates();
    expect(states.length).toBeGreaterThan(4 * BLOCK);
    for (let n = 0; n < states.length; n += 1) {
      const moment = new Date(Date.parse(timeOf(n)) + (n % 2) * 4_000).toISOString();
      const upTo = states.findLast(({ recordedAt }) => recordedAt <= moment);
      expect(await readInstanceAt(deps, instance, moment)).toStrictEqual({ ...view(upTo), at: moment });
    }
  });

  it('is now what a fold of all events gives, as the log has it, though the read models lag behind or know nothing yet', async () => {
    const now = async () => view((await allStates()).at(-1));
    expect(await readInstance(deps, instance)).toStrictEqual(await now());
    const file = join(temporary.folder, 'none.db');
    const empty = await readModels({ file, store: temporary.store, projections: [statesProjection] });
    expect(await readInstance({ ...deps, readModels: empty }, instance)).toStrictEqual(await now());
    await empty.close();
  });

  it('is the present one at a moment that is not over', async () => {
    const at = '2030-01-01T00:00:00.000Z';
    expect(await readInstanceAt(deps, instance, at)).toStrictEqual({ ...(await readInstance(deps, instance)), at });
  });

  it('is read by few events, however long the history is', async () => {
    let read = 0;
    const counting = {
      ...deps,
      store: {
        ...deps.store,
        async *read(...args: Parameters<typeof deps.store.read>) {
          for await (const event of deps.store.read(...args)) {
            read += 1;
            yield event;
          }
        },
      },
    };
    await readInstanceAt(counting, instance, timeOf(3 * BLOCK + 5));
    // Up to the first event of the next block.
    expect(read).toBeLessThanOrEqual(BLOCK + 1);
    read = 0;
    await readInstance(counting, instance);
    expect(read).toBe((await allStates()).length % BLOCK);
  });

  it('is none before the instance was made, and the answer says when that was', async () => {
    await expect(readInstanceAt(deps, instance, '2025-12-31T23:59:59Z')).rejects.toMatchObject({
      code: 'state-before-creation',
      details: { created: timeOf(0) },
    });
    const unknown = derivedId('unknown') as InstanceId;
    await expect(readInstanceAt(deps, unknown, timeOf(9))).rejects.toMatchObject({ code: 'instance-not-found' });
    await expect(readInstance(deps, unknown)).rejects.toMatchObject({ code: 'instance-not-found' });
  });

  /** The plain way: the fold of everything, event by event. */
  async function allStates() {
    const states: { readonly recordedAt: string; readonly state: ExistingInstance; readonly revision: bigint }[] = [];
    let state: InstanceState = absent;
    for await (const { event, metadata, revision } of instanceEvents(deps, instance)) {
      state = evolveInstance(state, event);
      if (state.status !== 'absent') states.push({ recordedAt: metadata.recordedAt, state, revision });
    }
    return states;
  }

  const view = (found: Awaited<ReturnType<typeof allStates>>[number] | undefined) =>
    found === undefined
      ? {}
      : {
          id: instance,
          name: 'shop',
          template: found.state.template,
          engine: found.state.engine,
          status: found.state.status,
          version: found.state.version?.version ?? null,
          manifest: found.state.version?.manifest ?? null,
          desired: found.state.desired,
          openRecord: openRecord(found.state)?.id ?? null,
          pending: Object.keys(found.state.settings).sort(),
          components: [],
          revision: String(found.revision),
        };
});

/** An install and many reconfigurations of which some fail, with settings and a secret in between. */
function history(): readonly InstanceEvent[] {
  const created = {
    type: 'instance-created',
    data: { instance, name: 'shop', template: { key: 'shop', name: 'Shop' }, engine: 'E' },
  };
  const rounds = Array.from({ length: RECORDS }, (_, n) => {
    const record = derivedId('record', String(n));
    const version = { version: `1.${String(n)}`, manifest: `sha256:${String(n).padStart(64, '0')}` };
    const unit = (component: string) => ({
      record,
      component,
      specDigest: 's',
      image: 'i',
      containers: [{ id: `c${String(n)}`, name: 'c' }],
    });
    const end =
      n % 7 === 3
        ? {
            type: 'rollout-reverted',
            data: { record, reason: 'no', components: [{ component: 'web', serving: 'old' }] },
          }
        : { type: 'rollout-completed', data: { record, components: [{ component: 'web', serving: 'new' }] } };
    return [
      {
        type: 'setting-changed',
        data: { component: 'web', path: `env/A${String(n % 3)}`, value: { scope: 'own', text: String(n) } },
      },
      {
        type: 'secret-stored',
        data: {
          name: 'web/S',
          version: n + 1,
          fingerprint: 'f',
          sealed: { keyId: 'k', nonce: 'n', ciphertext: 'c' },
          source: 'set',
        },
      },
      {
        type: 'plan-proposed',
        data: {
          record,
          kind: n === 0 ? 'install' : 'reconfigure',
          plan: 'p',
          from: null,
          to: version,
          desired: null,
          ports: [],
        },
      },
      { type: 'rollout-started', data: { record } },
      { type: 'component-applied', data: unit('web') },
      { type: 'component-applied', data: unit('api') },
      end,
    ];
  });
  return [created, ...rounds.flat()] as unknown as readonly InstanceEvent[];
}

async function write(events: readonly InstanceEvent[], store: TemporaryStore['store']): Promise<void> {
  const clock = { source: 'system', synchronised: 'unknown' };
  const stored = events.map((event, n): EventToAppend => ({
    id: derivedId('event', String(n)) as EventId,
    ...instanceSerde.encode(event),
    metadata: {
      ...{
        schema: 1,
        commandId: derivedId('command', String(n)),
        commandDigest: 'd',
        correlationId: 'c',
        channel: 'api',
        clock,
      },
      actor: { id: 'maria', kind: 'person', role: 'operator' },
      recordedAt: timeOf(n),
    },
  }));
  await store.append(`instance-${instance}`, 'no_stream', stored);
}
