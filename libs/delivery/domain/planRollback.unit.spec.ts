import type { ComponentKey, EventId } from '@waybill/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templateItems } from '@waybill/packaging';
import { component, env, manifest, surroundings, target } from '../testing/manifests.js';
import type { Desired } from './desired.js';
import type { Draft, PendingSetting } from './draft.js';
import { planRollback } from './planRollback.js';
import { planUpgrade } from './planUpgrade.js';

const one = manifest('1.0', [
  component('web', {
    env: [env('LOG_LEVEL', 'info')],
    volumes: [{ name: 'data', path: '/data', kind: 'persistent', sourceType: 'share-file' }],
  }),
]);
const two = manifest('2.0', [
  component('module-d'),
  component('web', {
    image: component('newer').image!,
    env: [env('FEATURE_X', 'on'), env('LOG_LEVEL', 'debug')],
    volumes: [
      ...one.components[0]!.volumes,
      { name: 'cache', path: '/cache', kind: 'persistent', sourceType: 'share-file' },
    ],
  }),
]);

const desired = (draft: Draft): Desired => {
  if (draft.desired === undefined) throw new Error('the plan desires nothing');
  return draft.desired;
};
const before = desired(planUpgrade({ target: target(one), settings: [], accept: new Set() }, surroundings()));
const upgraded = (accept: readonly string[] = [], settings: readonly PendingSetting[] = []) =>
  desired(
    planUpgrade({ ours: before, base: one, target: target(two), settings, accept: new Set(accept) }, surroundings()),
  );
const SINCE = 3;
const back = (now: Desired, options: Partial<Parameters<typeof planRollback>[0]> = {}) =>
  planRollback(
    {
      now,
      then: before,
      since: SINCE,
      accept: new Set(),
      settings: [],
      template: () => templateItems(one.components[0]!, one),
      removeAdded: false,
      restoreRemoved: false,
      ...options,
    },
    surroundings(),
  );
const told = (draft: Draft, id: string) => draft.items.find((item) => item.id === id);

describe('planning a rollback', () => {
  it('undoes what the record did: images, accepted items, added entries', () => {
    const draft = back(upgraded(['web/env/LOG_LEVEL']));
    expect(told(draft, 'web/image')).toMatchObject({
      verdict: 'change',
      rule: 'undone',
      after: one.components[0]!.image,
    });
    expect(told(draft, 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'change',
      before: { text: 'debug' },
      after: { text: 'info' },
    });
    expect(told(draft, 'web/env/FEATURE_X')).toMatchObject({ verdict: 'change', action: 'remove' });
    expect(draft.desired?.version).toBe('1.0');
  });

  it('leaves volumes alone, also those that were added', () => {
    const draft = back(upgraded());
    expect(told(draft, 'web/volume//cache')).toMatchObject({ verdict: 'keep', rule: 'data-stays' });
    expect(draft.desired?.components['web']?.items['volume//cache']).toBeDefined();
  });

  it('keeps a component that was added since, and takes it away when so asked', () => {
    expect(told(back(upgraded()), 'module-d/component')).toMatchObject({ verdict: 'keep', rule: 'added-stays' });
    const removed = back(upgraded(), { removeAdded: true });
    expect(told(removed, 'module-d/component')).toMatchObject({ verdict: 'change', action: 'remove' });
    expect(removed.desired?.components['module-d']).toBeUndefined();
  });

  it('leaves a component removed that was removed since, and brings it back when so asked', () => {
    const { web: _web, ...others } = upgraded().components;
    const now = { ...upgraded(), components: others };
    expect(told(back(now), 'web/component')).toMatchObject({ verdict: 'keep', rule: 'removed-stays-removed' });
    expect(back(now, { restoreRemoved: true }).desired?.components['web']?.items['image']?.value).toEqual(
      one.components[0]!.image,
    );
  });

  const since = (revision: number): PendingSetting => ({
    component: 'web' as ComponentKey,
    path: 'env/LOG_LEVEL',
    value: { text: 'warn' },
    event: 'e' as EventId,
    revision,
  });

  it('calls a value that the site set since a conflict and keeps it, unless accepted', () => {
    const now = upgraded([], [since(SINCE + 1)]);
    expect(told(back(now), 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'conflict',
      rule: 'set-since',
      after: { text: 'warn' },
      target: { text: 'info' },
      acceptable: true,
    });
    expect(told(back(now, { accept: new Set(['web/env/LOG_LEVEL']) }), 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'change',
      rule: 'accepted',
      after: { text: 'info' },
    });
  });

  it('undoes a setting that took effect with the record', () => {
    expect(told(back(upgraded([], [since(SINCE - 1)])), 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'change',
      rule: 'undone',
      after: { text: 'info' },
    });
  });

  it('undoes the ports that a record published, moved or closed', () => {
    const port = { port: 80, protocol: 'http', alias: 'WEB', published: true } as const;
    const open = manifest('1.0', [component('web', { ports: [port] })]);
    const then = desired(planUpgrade({ target: target(open), settings: [], accept: new Set() }, surroundings()));
    const moved = (value: PendingSetting['value']) =>
      desired(
        planUpgrade(
          {
            ours: then,
            base: open,
            target: target(open),
            settings: [{ ...since(SINCE - 1), path: 'publish/80', value }],
            accept: new Set(),
          },
          surroundings(),
        ),
      );
    for (const value of [{ hostPort: 8081, protocol: 'tcp' }, false] as const) {
      const draft = back(moved(value), { then });
      expect(told(draft, 'web/publish/80')).toMatchObject({ verdict: 'change', rule: 'undone', before: value });
      expect(draft.ports).toEqual([{ component: 'web', containerPort: 80, hostPort: 20_000, protocol: 'tcp' }]);
    }
  });

  it('lets settings that wait take effect over what it goes back to', () => {
    const now = upgraded(['web/env/LOG_LEVEL']);
    const waiting = (value: PendingSetting['value']) => back(now, { settings: [{ ...since(9), value }] });
    expect(told(waiting({ text: 'warn' }), 'web/env/LOG_LEVEL')).toMatchObject({
      rule: 'setting-applied',
      before: { text: 'debug' },
      after: { text: 'warn' },
      target: { text: 'info' },
    });
    expect(waiting(null).desired?.components['web']?.items['env/LOG_LEVEL']).toEqual({
      value: { scope: 'own', text: 'info' },
      origin: { kind: 'template', version: '1.0' },
    });
    const lost = back(upgraded(), { settings: [{ ...since(9), component: 'gone' as ComponentKey }] });
    expect(lost.warnings.map(({ code }) => code)).toEqual(['setting-without-component']);
  });

  describe('of a record that changed a secret', () => {
    const secrets = (fingerprint: string, version: number) => ({ 'web/PASS': { version, fingerprint } });
    const withSecret = (state: Desired, used: Desired['secrets'], revision?: number): Desired => ({
      ...state,
      secrets: used,
      components: {
        web: {
          ...state.components['web']!,
          items: {
            'env/PASS': {
              value: { scope: 'own', secret: 'web/PASS' },
              origin:
                revision === undefined
                  ? { kind: 'template', version: '1.0' }
                  : { kind: 'site', event: 'e' as EventId, revision },
            },
          },
        },
      },
    });
    const then = withSecret(before, secrets('old', 1));
    const now = (revision: number) => withSecret(before, secrets('new', 2), revision);

    it('brings the old value back', () => {
      const draft = back(now(SINCE - 1), { then });
      expect(told(draft, 'web/env/PASS')).toMatchObject({ verdict: 'change', rule: 'undone' });
      expect(draft.desired?.secrets).toEqual(secrets('old', 1));
    });
    it('keeps one that the site set since, unless accepted', () => {
      const stays = { ...surroundings(), secretVersion: () => ({ version: 2, fingerprint: 'new', stored: true }) };
      const options = {
        then,
        since: SINCE,
        settings: [],
        template: () => ({}),
        removeAdded: false,
        restoreRemoved: false,
      };
      const kept = planRollback({ ...options, now: now(SINCE + 1), accept: new Set() }, stays);
      expect(told(kept, 'web/env/PASS')).toMatchObject({ verdict: 'conflict', rule: 'set-since', acceptable: true });
      expect(kept.desired?.secrets).toEqual(secrets('new', 2));
      const accepted = planRollback({ ...options, now: now(SINCE + 1), accept: new Set(['web/env/PASS']) }, stays);
      expect(told(accepted, 'web/env/PASS')).toMatchObject({ verdict: 'change', rule: 'accepted' });
      expect(accepted.desired?.secrets).toEqual(secrets('old', 1));
    });
  });

  it('comes to just what was before when nothing was added and nothing set since, whatever the two states were', () => {
    const value = fc.constantFrom('a', 'b', 'c');
    const variables = fc
      .dictionary(fc.constantFrom('A', 'B', 'C', 'D'), value)
      .map((record) => Object.entries(record).map(([name, text]) => env(name, text)));
    fc.assert(
      fc.property(variables, variables, (first, second) => {
        const [m1, m2] = [
          manifest('1.0', [component('web', { env: first })]),
          manifest('2.0', [component('web', { env: second })]),
        ];
        const then = desired(planUpgrade({ target: target(m1), settings: [], accept: new Set() }, surroundings()));
        const now = desired(
          planUpgrade({ ours: then, base: m1, target: target(m2), settings: [], accept: new Set() }, surroundings()),
        );
        expect(back(now, { then }).desired).toEqual(then);
      }),
    );
  });
});
