import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '@waybill/event-store';
import { digestOf, type CanonicalValue, type Digest } from '@waybill/kernel';
import { absent, evolveInstance, type InstanceState } from '../domain/instanceState.js';
import { instanceSerde } from '../domain/serde.js';
import { statesProjection, withoutPast } from './statesProjection.js';

/**
 * What each version of the projection keeps of these histories. When this fails, the fold has changed: read models in the field hold states
 * of the former one, so raise the version of `statesProjection`, and add a line instead of changing one.
 */
const KEPT: Readonly<Record<number, Digest>> = {
  1: 'sha256:4832e21a595fce1fc7219f4f3bb7cc3343ffe7a1bfccf4049626b10136849740' as Digest,
};

const PROPOSED = ['instance-created.v1', 'setting-changed.v1', 'secret-stored.v1', 'plan-proposed.v1'];
const BEGUN = [...PROPOSED, 'rollout-started.v1', 'taken-over.v1', 'taken-over.v2', 'component-apply-intended.v1'];
const HISTORIES = [
  ['instance-created.v1', 'setting-changed.v1', 'setting-withdrawn.v1'],
  [...BEGUN, 'component-applied.v1', 'component-removed.v1', 'rollout-completed.v1', 'setting-changed.v1'],
  [...BEGUN, 'component-failed.v1', 'rollout-reverted.v1'],
  [...BEGUN, 'component-failed.v1', 'rollout-failed.v1'],
  [...BEGUN, 'component-applied.v1', 'rollout-completed.v1', 'instance-removed.v1'],
];

/** An event as its golden file has it. */
const golden = (name: string) => {
  const file = new URL(`../domain/golden/${name}.json`, import.meta.url);
  return instanceSerde.decode(JSON.parse(readFileSync(file, 'utf8')) as StoredEvent);
};

/** After each event of the history. */
function states(history: readonly string[]): readonly InstanceState[] {
  let state: InstanceState = absent;
  return history.map((name) => (state = evolveInstance(state, golden(name))));
}

describe('the states that read models keep', () => {
  it('come of every kind of event of an instance', () => {
    expect(instanceSerde.types.filter((type) => !HISTORIES.flat().includes(type))).toStrictEqual([]);
  });

  it('are those of the version they are kept under', () => {
    const kept = HISTORIES.map((history) => states(history).map(withoutPast));
    expect(digestOf(kept as unknown as CanonicalValue)).toBe(KEPT[statesProjection.version]);
  });
});
