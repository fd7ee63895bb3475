import { serde } from '@waybill/event-store';
import type { InstanceEvent } from './instanceEvents.js';
import type { InstanceNameEvent } from './instanceName.js';
import type { EngineEvent } from './reservations.js';
import type { RetentionPolicySet } from './retention.js';
import type { RunEvent } from './runs.js';

const first = { version: 1 } as const;

/** How delivery's events stand in the log. A change of shape is a new version with an upcaster; the golden files hold every one ever written. */
export const instanceSerde = serde<InstanceEvent>({
  'instance-created': first,
  'setting-changed': first,
  'setting-withdrawn': first,
  'secret-stored': first,
  'plan-proposed': first,
  'rollout-started': first,
  'component-apply-intended': first,
  'component-applied': first,
  'component-failed': first,
  'component-removed': first,
  'rollout-completed': first,
  'rollout-reverted': first,
  'rollout-failed': first,
  'instance-removed': first,
  // The first version was written before reports carried an epoch: it turns nobody away.
  'taken-over': { version: 2, upcasters: { 1: (data) => ({ ...(data as object), epoch: 0 }) } },
});

export const engineSerde = serde<EngineEvent>({
  'engine-registered': first,
  'port-reserved': first,
  'port-released': first,
  'subnet-reserved': first,
  'subnet-released': first,
});

export const runSerde = serde<RunEvent>({ 'run-started': first, 'run-ended': first, 'run-skipped': first });

export const instanceNameSerde = serde<InstanceNameEvent>({ 'name-taken': first, 'name-freed': first });

export const retentionSerde = serde<RetentionPolicySet>({ 'retention-policy-set': first });
