import {
  digestOf,
  sha256,
  type CanonicalValue,
  type ComponentKey,
  type EngineId,
  type InstanceId,
  type RecordId,
  type TemplateKey,
} from '@waybill/kernel';
import { fold } from '@waybill/event-store';
import { deciderSpecification } from '@waybill/event-store/testing';
import { describe, expect, it } from 'vitest';
import { instanceDecider, stateDigest, type InstanceCommand, type ProgressEvent } from './instanceDecider.js';
import type { InstanceEvent } from './instanceEvents.js';
import { lastClosed, type ExistingInstance } from './instanceState.js';
import type { Plan } from './plan.js';

const spec = deciderSpecification(instanceDecider);
const id = 'i1' as InstanceId;
const engine = 'ENGINE' as EngineId;
const template = { key: 'shop' as TemplateKey, name: 'Shop' };
const web = 'web' as ComponentKey;
const created: InstanceEvent = { type: 'instance-created', data: { instance: id, name: 'shop', template, engine } };
const version = { version: '1.0', manifest: sha256('manifest') };
const desired = sha256('desired');

const stateOf = (events: readonly InstanceEvent[]): ExistingInstance => {
  const state = fold(instanceDecider, events);
  if (state.status === 'absent') throw new Error('not created');
  return state;
};

const planFor = (events: readonly InstanceEvent[], parts: Partial<Plan> = {}): Plan => {
  const state = stateOf(events);
  return {
    schema: 1,
    kind: 'install',
    instance: { id, name: 'shop' },
    engine,
    template,
    from: null,
    to: version,
    basis: { record: lastClosed(state)?.id ?? null, state: stateDigest(state) },
    items: [],
    steps: [],
    ports: [],
    secrets: [],
    images: [],
    desired,
    removeVolumes: false,
    warnings: [],
    ...parts,
  };
};
const digestOfPlan = (plan: Plan) => digestOf(plan as unknown as CanonicalValue);
const propose = (plan: Plan, record = 'r1'): InstanceCommand => ({
  type: 'propose-plan',
  record: record as RecordId,
  plan,
  digest: digestOfPlan(plan),
  secrets: [],
});
const proposed = (plan: Plan, record = 'r1'): InstanceEvent => ({
  type: 'plan-proposed',
  data: {
    record: record as RecordId,
    kind: plan.kind,
    plan: digestOfPlan(plan),
    from: plan.from,
    to: plan.to,
    desired: plan.desired,
    ports: [],
  },
});
const r1 = 'r1' as RecordId;
const report = (event: ProgressEvent, epoch = 1): InstanceCommand => ({ type: 'report-progress', epoch, event });
const takenOver = (epoch: number, runner = 'b'): InstanceEvent => ({
  type: 'taken-over',
  data: { operation: 'record-r1', runner, epoch },
});
const takeOver = (epoch: number, runner = 'b'): InstanceCommand => ({
  type: 'take-over',
  operation: 'record-r1',
  runner,
  epoch,
});
const started: ProgressEvent = { type: 'rollout-started', data: { record: r1 } };
const intended: ProgressEvent = {
  type: 'component-apply-intended',
  data: { record: r1, component: web, action: 'create', specDigest: sha256('spec') },
};
const applied: ProgressEvent = {
  type: 'component-applied',
  data: {
    record: r1,
    component: web,
    specDigest: sha256('spec'),
    image: sha256('image'),
    containers: [{ id: 'c1', name: 'wb-web' }],
  },
};
const completed: ProgressEvent = {
  type: 'rollout-completed',
  data: { record: r1, components: [{ component: web, serving: 'new' }] },
};
const reverted: ProgressEvent = {
  type: 'rollout-reverted',
  data: { record: r1, reason: 'r', components: [{ component: web, serving: 'none' }] },
};
const setting: InstanceEvent = {
  type: 'setting-changed',
  data: { component: web, path: 'env/A', value: { text: 'x' } },
};

const secret = (source: 'generated' | 'set') => ({
  name: 's',
  version: 1,
  fingerprint: 'f',
  sealed: { keyId: 'k', nonce: 'n', text: 't' } as never,
  source,
});
const install = planFor([created]);
const open = [created, proposed(install)];
const installed = [...open, started, intended, applied, completed];

describe('an instance', () => {
  it('is created once', () => {
    const create: InstanceCommand = { type: 'create-instance', instance: id, name: 'shop', template, engine };
    spec.given([]).when(create).then([created]);
    spec.given([created]).when(create).thenNothing();
  });
  it('must exist before anything is done with it', () =>
    spec.given([]).when(propose(install)).thenThrows('instance-not-found'));
  it('takes settings that wait for a plan', () =>
    spec
      .given([created])
      .when({
        type: 'change-settings',
        changes: [{ component: web, path: 'env/A', value: { text: 'x' } }],
        withdrawn: [],
        secrets: [],
      })
      .then([setting]));
  it('takes no settings while a record is open', () =>
    spec
      .given(open)
      .when({ type: 'change-settings', changes: [], withdrawn: [], secrets: [] })
      .thenThrows('record-open'));
  it('lets a setting that waits be withdrawn, once', () => {
    const target = { component: web, path: 'env/A' };
    const withdraw: InstanceCommand = { type: 'change-settings', changes: [], withdrawn: [target], secrets: [] };
    const withdrawn: InstanceEvent = { type: 'setting-withdrawn', data: target };
    spec.given([created, setting]).when(withdraw).then([withdrawn]);
    spec.given([created, setting, withdrawn]).when(withdraw).thenNothing();
  });
  it('takes no second secret for one version, when two were sealed at the same time', () => {
    const change: InstanceCommand = { type: 'change-settings', changes: [], withdrawn: [], secrets: [secret('set')] };
    spec
      .given([created])
      .when(change)
      .then([{ type: 'secret-stored', data: secret('set') }]);
    spec
      .given([created, { type: 'secret-stored', data: secret('set') }])
      .when(change)
      .thenThrows('conflict');
  });
  it('counts a secret that was set as used only when the setting has taken effect', () => {
    const set: InstanceEvent = {
      type: 'setting-changed',
      data: { component: web, path: 'env/A', value: { secret: 's' } },
    };
    const waiting = [created, { type: 'secret-stored', data: secret('set') }, set] as const;
    const usedOf = (events: readonly InstanceEvent[]) => {
      const state = fold(instanceDecider, events);
      return state.status === 'absent' ? undefined : state.secrets['s']?.map(({ used }) => used);
    };
    expect(usedOf(waiting)).toEqual([false]);
    expect(usedOf([...waiting, ...open.slice(1), started, completed])).toEqual([true]);
    expect(usedOf([...waiting, ...open.slice(1), started, reverted])).toEqual([false]);
    expect(usedOf([created, { type: 'secret-stored', data: secret('generated') }])).toEqual([true]);
  });
});

describe('proposing a plan', () => {
  it('opens a record', () =>
    spec
      .given([created])
      .when(propose(install))
      .then([proposed(install)]));
  it('is refused while another record is open', () =>
    spec
      .given(open)
      .when(propose({ ...install, removeVolumes: true }, 'r2'))
      .thenThrows('record-open'));
  it('is refused when the plan was used before, so that no approval serves twice', () =>
    spec.given(installed).when(propose(install, 'r2')).thenThrows('plan-used'));
  it('is refused when a record has been closed since', () => {
    const stale = planFor([created], { kind: 'upgrade' });
    spec.given(installed).when(propose(stale, 'r2')).thenThrows('plan-stale');
  });
  it('is refused when a setting was changed since', () =>
    spec
      .given([...installed, setting])
      .when(propose(planFor(installed, { kind: 'upgrade' }), 'r2'))
      .thenThrows('plan-stale'));
  it('is refused for another instance', () =>
    spec
      .given([created])
      .when(propose({ ...install, instance: { id: 'i2' as InstanceId, name: 'x' } }))
      .thenThrows('plan-stale'));
  it('is refused for another engine', () =>
    spec
      .given([created])
      .when(propose({ ...install, engine: 'OTHER' as EngineId }))
      .thenThrows('engine-changed'));
  it('is refused after the instance was removed', () =>
    spec
      .given([...installed, { type: 'instance-removed', data: { record: r1, volumes: 'kept' } }])
      .when(propose(planFor(installed), 'r2'))
      .thenThrows('instance-removed'));
});

describe('reporting a rollout', () => {
  it('writes each fact once', () => {
    spec.given(open).when(report(started)).then([started]);
    spec
      .given([...open, started])
      .when(report(started))
      .thenNothing();
    spec
      .given([...open, started, intended])
      .when(report(intended))
      .thenNothing();
    spec
      .given([...open, started, intended, applied])
      .when(report(applied))
      .thenNothing();
  });
  it('writes nothing about a record that has ended', () => spec.given(installed).when(report(completed)).thenNothing());
  it('refuses a record that was never opened', () =>
    spec.given([created]).when(report(started)).thenThrows('record-not-found'));
});

describe('taking a rollout over', () => {
  const running = [...open, started];
  it('is announced with the epoch of the claim that follows', () =>
    spec
      .given(running)
      .when(takeOver(2))
      .then([takenOver(2)]));
  it('turns away what the former holder still reports, whatever it is, and lets the new one report', () => {
    const after = [...running, takenOver(2)];
    for (const event of [started, intended, applied, completed])
      spec.given(after).when(report(event, 1)).thenThrows('claim-lost');
    spec.given(after).when(report(intended, 2)).then([intended]);
  });
  it('turns the former holder away after the record has ended as well, so that it stops', () =>
    spec
      .given([...running, takenOver(2), intended, applied, completed])
      .when(report(completed, 1))
      .thenThrows('claim-lost'));
  it('does not turn away who takes the claim later, when it was given back', () =>
    spec
      .given([...running, takenOver(2)])
      .when(report(intended, 3))
      .then([intended]));
  it('is refused to one that watched an older claim', () =>
    spec
      .given([...running, takenOver(3, 'c')])
      .when(takeOver(2))
      .thenThrows('claim-lost'));
  it('writes nothing when the record has ended meanwhile', () => spec.given(installed).when(takeOver(2)).thenNothing());
  it('of one record leaves the reports on another alone', () => {
    const plan = planFor(installed, { kind: 'upgrade' });
    const second = { type: 'rollout-started', data: { record: 'r2' as RecordId } } as const;
    spec
      .given([...open, started, takenOver(5), intended, applied, completed, proposed(plan, 'r2')])
      .when(report(second))
      .then([second]);
  });
});

describe('the state of an instance', () => {
  it('is installed, desires what the plan wanted and serves what was applied once the rollout completed', () => {
    expect(stateOf(installed)).toMatchObject({
      status: 'installed',
      desired,
      version,
      units: { web: { record: 'r1', containers: [{ id: 'c1', name: 'wb-web' }] } },
      settings: {},
      records: [{ id: 'r1', status: 'completed' }],
    });
  });
  it('stays as it was when the rollout was reverted, and settings go on waiting', () => {
    const failed: ProgressEvent = {
      type: 'component-failed',
      data: { record: r1, component: web, reason: 'exit code 1', log: 'boom' },
    };
    const reverted: ProgressEvent = {
      type: 'rollout-reverted',
      data: { record: r1, reason: 'exit code 1', components: [{ component: web, serving: 'none' }] },
    };
    const plan = planFor([created, setting]);
    expect(stateOf([created, setting, proposed(plan), started, intended, failed, reverted])).toMatchObject({
      status: 'created',
      desired: null,
      version: null,
      units: {},
      settings: { 'web/env/A': { value: { text: 'x' } } },
      records: [{ status: 'reverted', failure: 'exit code 1', components: { web: { status: 'failed', log: 'boom' } } }],
    });
  });
  it('tells the truth about each component when a rollout ended badly', () => {
    const failed: ProgressEvent = {
      type: 'rollout-failed',
      data: { record: r1, reason: 'both ways failed', components: [{ component: web, serving: 'new' }] },
    };
    expect(stateOf([...open, started, intended, applied, failed])).toMatchObject({
      status: 'created',
      units: { web: { record: 'r1' } },
      records: [{ status: 'failed' }],
    });
  });
});
