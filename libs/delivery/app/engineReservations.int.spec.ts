import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { someContext, temporaryStore, type TemporaryStore } from '@waybill/event-store/testing';
import { fixedClock, type EngineId, type InstanceId } from '@waybill/kernel';
import type { EngineCommand } from '../domain/reservations.js';
import { handleEngine, loadEngine } from './streams.js';

const engine = 'ENGINE' as EngineId;

describe('reservations on one engine', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
  });
  afterEach(() => temporary.remove());

  it('are all made when thirty instances reserve at the same time, and none is made twice', async () => {
    const deps = { store: temporary.store, clock: fixedClock() };
    const reserve = (i: number): EngineCommand => ({
      type: 'reserve',
      engine,
      name: 'engine',
      instance: `i${String(i)}` as InstanceId,
      ports: [],
      pool: '10.213.0.0/16',
      foreign: [],
    });
    await Promise.all(
      Array.from({ length: 30 }, (_, i) => handleEngine(deps, engine, reserve(i), someContext(`key ${String(i)}`))),
    );
    const { subnets } = await loadEngine(deps, engine);
    expect(Object.keys(subnets)).toHaveLength(60);
    expect(new Set(Object.values(subnets).map(({ instance }) => instance)).size).toBe(30);
  });
});
