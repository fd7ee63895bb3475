import type { ComponentKey, EventId } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { component, env, manifest, surroundings, target } from '../testing/manifests.js';
import type { Desired } from './desired.js';
import type { Draft, PendingSetting } from './draft.js';
import type { PlanItem } from './plan.js';
import { planUpgrade } from './planUpgrade.js';

const one = manifest('1.0', [
  component('web', {
    env: [env('LOG_LEVEL', 'info')],
    files: [{ name: 'conf', path: '/etc/web.conf', content: 'a=1\n', mode: 420 }],
  }),
]);

const install = (of = one, settings: readonly PendingSetting[] = []): Desired & object =>
  desiredOf(planUpgrade({ target: target(of), settings, accept: new Set() }, surroundings()));

function desiredOf(draft: Draft): Desired {
  if (draft.desired === undefined) throw new Error('the plan desires nothing');
  return draft.desired;
}

const upgrade = (
  to: typeof one,
  options: { ours?: Desired; base?: typeof one; accept?: readonly string[]; settings?: readonly PendingSetting[] } = {},
): Draft =>
  planUpgrade(
    {
      ours: options.ours ?? install(),
      base: options.base ?? one,
      target: target(to),
      settings: options.settings ?? [],
      accept: new Set(options.accept),
    },
    surroundings(),
  );

const item = (draft: Draft, id: string): PlanItem | undefined => draft.items.find((one) => one.id === id);

const setting = (
  path: string,
  value: PendingSetting['value'],
  parts: Partial<PendingSetting> = {},
): PendingSetting => ({
  component: 'web' as ComponentKey,
  path,
  value,
  event: 'event-1' as EventId,
  revision: 7,
  ...parts,
});

describe('planning an install', () => {
  it('adds the component and every item of it', () => {
    const draft = planUpgrade({ target: target(one), settings: [], accept: new Set() }, surroundings());
    expect(draft.items.map(({ id, verdict, action, rule }) => `${id} ${verdict} ${action} ${rule}`)).toEqual([
      'web/component change add new-in-target',
      'web/command change add new-in-target',
      'web/cpu change add new-in-target',
      'web/env/LOG_LEVEL change add new-in-target',
      'web/file//etc/web.conf change add new-in-target',
      'web/image change add new-in-target',
      'web/memory change add new-in-target',
      'web/replicas change add new-in-target',
      'web/workload change add new-in-target',
    ]);
  });

  it('takes the site’s settings from the start, and says that the site set them', () => {
    const desired = install(one, [setting('env/LOG_LEVEL', { text: 'warn' })]);
    expect(desired.components['web']?.items['env/LOG_LEVEL']).toEqual({
      value: { scope: 'own', text: 'warn' },
      origin: { kind: 'site', event: 'event-1', revision: 7 },
    });
  });

  it('assigns a free host port to what the template publishes, unless the site named one', () => {
    const published = manifest('1.0', [
      component('web', { ports: [{ port: 80, protocol: 'http', alias: 'WEB', published: true }] }),
    ]);
    expect(install(published).components['web']?.items['publish/80']?.value).toEqual({
      hostPort: 20_000,
      protocol: 'tcp',
    });
    const chosen = install(published, [setting('publish/80', { hostPort: 8081, protocol: 'tcp' })]);
    expect(chosen.components['web']?.items['publish/80']?.value).toEqual({ hostPort: 8081, protocol: 'tcp' });
  });

  it('names the secrets that it will generate, one for all variables of a group', () => {
    const secrets = manifest('1.0', [
      component('api', { env: [env('A', '', { secret: { group: 'db' } }), env('OWN', '', { secret: {} })] }),
      component('db', { env: [env('B', '', { secret: { group: 'db' } })] }),
    ]);
    const draft = planUpgrade({ target: target(secrets), settings: [], accept: new Set() }, surroundings());
    expect(draft.secrets).toEqual([
      { name: 'api/OWN', version: 1, fingerprint: 'print of api/OWN' },
      { name: 'group/db', version: 1, fingerprint: 'print of group/db' },
    ]);
  });

  it('gives components with one name different names on the network', () => {
    const twins = manifest('1.0', [
      component('k1', { name: '数据库 MySQL' }),
      component('k2', { name: '数据库 MySQL' }),
    ]);
    const hosts = Object.values(install(twins).components).map(({ host }) => host);
    expect(hosts).toEqual(['shu-ju-ku-mysql', 'shu-ju-ku-mysql-2']);
  });
});

describe('planning an upgrade', () => {
  const web = (parts: Parameters<typeof component>[1]) =>
    manifest('2.0', [component('web', { files: one.components[0]!.files, env: one.components[0]!.env, ...parts })]);

  it('has nothing to tell when the template says the same', () => {
    expect(upgrade(web({})).items).toEqual([]);
  });

  it('lets the image follow the template', () => {
    const image = { ...component('web').image!, config: component('other').image!.config };
    expect(item(upgrade(web({ image })), 'web/image')).toMatchObject({
      verdict: 'change',
      action: 'update',
      rule: 'follows-template',
      after: image,
    });
  });

  it('keeps an environment value as the site has it when only the template changed, and says so', () => {
    const draft = upgrade(web({ env: [env('LOG_LEVEL', 'debug')] }));
    expect(item(draft, 'web/env/LOG_LEVEL')).toEqual({
      id: 'web/env/LOG_LEVEL',
      component: { key: 'web', name: 'web' },
      path: 'env/LOG_LEVEL',
      verdict: 'keep',
      action: 'update',
      before: { scope: 'own', text: 'info' },
      after: { scope: 'own', text: 'info' },
      target: { scope: 'own', text: 'debug' },
      setBy: { kind: 'template', version: '1.0' },
      rule: 'stays-as-site-has-it',
      reason: 'environment values stay as the site has them',
      acceptable: true,
    });
    expect(draft.desired?.components['web']?.items['env/LOG_LEVEL']?.value).toEqual({ scope: 'own', text: 'info' });
  });

  it('takes the template’s value of a kept item that was accepted', () => {
    const draft = upgrade(web({ env: [env('LOG_LEVEL', 'debug')] }), { accept: ['web/env/LOG_LEVEL'] });
    expect(item(draft, 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'change',
      rule: 'accepted',
      after: { scope: 'own', text: 'debug' },
    });
    expect(draft.desired?.components['web']?.items['env/LOG_LEVEL']).toEqual({
      value: { scope: 'own', text: 'debug' },
      origin: { kind: 'template', version: '2.0' },
    });
  });

  it('calls it a conflict when both the site and the template changed a value, and keeps the site’s', () => {
    const ours = install(one, [setting('env/LOG_LEVEL', { text: 'warn' })]);
    const draft = upgrade(web({ env: [env('LOG_LEVEL', 'debug')] }), { ours });
    expect(item(draft, 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'conflict',
      rule: 'both-changed',
      after: { text: 'warn' },
      target: { text: 'debug' },
    });
  });

  it('keeps what only the site changed', () => {
    const ours = install(one, [setting('env/LOG_LEVEL', { text: 'warn' })]);
    expect(item(upgrade(web({}), { ours }), 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'keep',
      rule: 'stays-as-site-has-it',
      setBy: { kind: 'site' },
    });
  });

  it('keeps the content of a configuration file, and offers the new one for acceptance', () => {
    const files = [{ name: 'conf', path: '/etc/web.conf', content: 'a=2\n', mode: 420 }];
    expect(item(upgrade(web({ files })), 'web/file//etc/web.conf')).toMatchObject({
      verdict: 'keep',
      acceptable: true,
      reason: 'the content of configuration files stays as the site has it',
    });
  });

  it('adds new variables and keeps those that the template dropped', () => {
    const draft = upgrade(web({ env: [env('FEATURE_X', 'on')] }));
    expect(item(draft, 'web/env/FEATURE_X')).toMatchObject({ verdict: 'change', action: 'add' });
    expect(item(draft, 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'keep',
      action: 'remove',
      rule: 'never-removed',
    });
  });

  it('opens and updates ports but never closes one', () => {
    const open = manifest('1.0', [
      component('web', { ports: [{ port: 80, protocol: 'http', alias: 'WEB', published: true }] }),
    ]);
    const shut = manifest('2.0', [
      component('web', { ports: [{ port: 80, protocol: 'tcp', alias: 'SITE', published: false }] }),
    ]);
    const draft = upgrade(shut, { ours: install(open), base: open });
    expect(item(draft, 'web/port/80')).toMatchObject({
      verdict: 'change',
      after: { protocol: 'tcp', alias: 'SITE', published: true },
    });
    const none = manifest('2.0', [component('web')]);
    expect(item(upgrade(none, { ours: install(open), base: open }), 'web/port/80')).toMatchObject({
      verdict: 'keep',
      rule: 'ports-open-never-close',
    });
  });

  it('lets dependencies and probes follow the template, also when they end', () => {
    const before = manifest('1.0', [component('db'), component('web', { dependencies: ['db'] })]);
    const after = manifest('2.0', [component('db'), component('web')]);
    expect(item(upgrade(after, { ours: install(before), base: before }), 'web/depends/db')).toMatchObject({
      verdict: 'change',
      action: 'remove',
      rule: 'follows-template',
    });
  });

  it('leaves resources and replica counts as the site has them', () => {
    const draft = upgrade(
      web({ resources: { memoryMiB: 1024, cpuMilli: 500 }, replicas: { initial: 3, min: 1, max: 9 } }),
    );
    expect(['web/memory', 'web/cpu', 'web/replicas'].map((id) => item(draft, id)?.verdict)).toEqual([
      'keep',
      'keep',
      'keep',
    ]);
  });

  it('keeps a component that the target no longer has, and lists it', () => {
    const two = manifest('1.0', [component('old'), component('web')]);
    const draft = upgrade(manifest('2.0', [component('web')]), { ours: install(two), base: two });
    expect(item(draft, 'old/component')).toMatchObject({ verdict: 'keep', rule: 'never-removed' });
    expect(draft.desired?.components['old']?.version).toBe('1.0');
    expect(draft.desired?.components['web']?.version).toBe('2.0');
  });

  it('tells a component that an earlier version left behind from one that this version drops', () => {
    const two = manifest('1.0', [component('old'), component('web')]);
    const dropped = upgrade(manifest('2.0', [component('web')]), { ours: install(two), base: two });
    const again = upgrade(manifest('3.0', [component('web')]), {
      ...(dropped.desired === undefined ? {} : { ours: dropped.desired }),
      base: manifest('2.0', [component('web')]),
    });
    expect(item(again, 'old/component')).toMatchObject({
      verdict: 'keep',
      rule: 'added-stays',
      reason: 'stays from version 1.0; it keeps running',
    });
  });

  it('keeps the component’s key and name on the network when the template’s key changed but its share uuid tells who it is', () => {
    const before = manifest('1.0', [
      component('a1', { name: 'web', aliases: ['a1+x'] }),
      component('z', { dependencies: ['a1'] }),
    ]);
    const after = manifest('2.0', [
      component('b1', { name: 'portal', aliases: ['a1+x'], image: component('a1').image! }),
      component('z', { dependencies: ['b1'] }),
    ]);
    const draft = upgrade(after, { ours: install(before), base: before });
    expect(draft.desired?.components['a1']).toMatchObject({
      key: 'a1',
      templateKey: 'b1',
      host: 'web',
      name: 'portal',
    });
    expect(draft.items).toEqual([]);
  });

  it('adds shared values and leaves those that are there', () => {
    const group = (region: string, extra: readonly { name: string; value: string }[]) => [
      { name: 'common', items: [...extra, { name: 'REGION', value: region }], components: ['web'] },
    ];
    const before = manifest('1.0', [component('web')], { configGroups: group('north', []) });
    const after = manifest('2.0', [component('web')], { configGroups: group('south', [{ name: 'MODE', value: 'x' }]) });
    const draft = upgrade(after, { ours: install(before), base: before });
    expect(item(draft, 'shared/group/common/MODE')).toMatchObject({ verdict: 'change', action: 'add' });
    expect(item(draft, 'shared/group/common/REGION')).toMatchObject({
      verdict: 'keep',
      before: 'north',
      target: 'south',
    });
    expect(draft.desired?.shared['group/common/REGION']?.value).toBe('north');
  });

  it('refuses to accept what cannot be accepted', () => {
    expect(() => upgrade(web({ image: component('other').image! }), { accept: ['web/image'] })).toThrow(
      expect.objectContaining({ code: 'item-not-found' }),
    );
    expect(() => upgrade(web({}), { accept: ['web/env/NONE'] })).toThrow(
      expect.objectContaining({ code: 'item-not-found' }),
    );
  });

  it('lets a waiting setting take effect over both sides, and says what the target would have been', () => {
    const draft = upgrade(web({ env: [env('LOG_LEVEL', 'debug')] }), {
      settings: [setting('env/LOG_LEVEL', { text: 'warn' })],
    });
    expect(item(draft, 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'change',
      rule: 'setting-applied',
      before: { text: 'info' },
      after: { text: 'warn' },
      target: { text: 'debug' },
    });
  });

  it('gives a setting that was taken away back to the template', () => {
    const ours = install(one, [setting('env/LOG_LEVEL', { text: 'warn' })]);
    const draft = upgrade(web({}), { ours, settings: [setting('env/LOG_LEVEL', null)] });
    expect(draft.desired?.components['web']?.items['env/LOG_LEVEL']).toEqual({
      value: { scope: 'own', text: 'info' },
      origin: { kind: 'template', version: '2.0' },
    });
  });
});
