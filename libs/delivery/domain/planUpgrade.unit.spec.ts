import { sha256, type ComponentKey, type EventId } from '@waybill/kernel';
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
      origin: { kind: 'template', version: '2.0', accepted: true },
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

  it('leaves data and the kind of workload alone, even when they are accepted', () => {
    const volumes = [{ name: 'data', path: '/data', kind: 'persistent', sourceType: 'share-file' }] as const;
    const before = manifest('1.0', [component('web', { volumes })]);
    const after = manifest('2.0', [component('web', { workload: { kind: 'stateful' } })]);
    const accept = ['web/volume//data', 'web/workload'];
    const draft = upgrade(after, { ours: install(before), base: before, accept });
    expect(accept.map((id) => item(draft, id)?.verdict)).toEqual(['keep', 'keep']);
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

  it('takes a variable that only the site had away, and says so', () => {
    const ours = install(one, [setting('env/EXTRA', { text: 'x' })]);
    const draft = upgrade(web({}), { ours, settings: [setting('env/EXTRA', null)] });
    expect(item(draft, 'web/env/EXTRA')).toMatchObject({
      verdict: 'change',
      action: 'remove',
      before: { text: 'x' },
      reason: 'given back to the template',
    });
    expect(draft.desired?.components['web']?.items['env/EXTRA']).toBeUndefined();
  });

  it('tells a value that becomes the site’s own though it stays the same', () => {
    const draft = upgrade(web({}), { settings: [setting('env/LOG_LEVEL', { text: 'info' })] });
    expect(item(draft, 'web/env/LOG_LEVEL')).toMatchObject({
      verdict: 'change',
      reason: 'set at this site; the value is the same',
    });
    expect(draft.desired?.components['web']?.items['env/LOG_LEVEL']?.origin.kind).toBe('site');
  });

  it('keeps a configuration file that the site has set, calls it a conflict, and takes the template’s when accepted', () => {
    const ours = install(one, [setting('file//etc/web.conf', { document: 'sha256:site', mode: 420 })]);
    const files = [{ name: 'conf', path: '/etc/web.conf', content: 'a=2\n', mode: 420 }];
    const options = { ours, accept: ['web/file//etc/web.conf'] };
    expect(item(upgrade(web({ files }), { ours }), 'web/file//etc/web.conf')).toMatchObject({
      verdict: 'conflict',
      rule: 'both-changed',
      after: { document: 'sha256:site' },
      target: { document: sha256('a=2\n') },
      setBy: { kind: 'site' },
    });
    expect(item(upgrade(web({ files }), options), 'web/file//etc/web.conf')).toMatchObject({
      verdict: 'change',
      rule: 'accepted',
      before: { document: 'sha256:site' },
      after: { document: sha256('a=2\n') },
    });
  });

  it('lets a setting of a component that an earlier version left behind take effect too', () => {
    const two = manifest('1.0', [component('old'), component('web')]);
    const ours = upgrade(manifest('2.0', [component('web')]), { ours: install(two), base: two }).desired!;
    const draft = upgrade(manifest('2.0', [component('web')]), {
      ours,
      base: manifest('2.0', [component('web')]),
      settings: [setting('memory', 64, { component: 'old' as ComponentKey })],
    });
    expect(draft.desired?.components['old']?.items['memory']?.value).toBe(64);
    expect(item(draft, 'old/memory')).toMatchObject({ verdict: 'change', rule: 'setting-applied' });
  });

  it('warns of a setting that waits for a component that is not there', () => {
    const draft = upgrade(web({}), { settings: [setting('memory', 64, { component: 'gone' as ComponentKey })] });
    expect(draft.warnings).toMatchObject([{ code: 'setting-without-component', subject: 'gone' }]);
  });
});

describe('a published port as the site wants it', () => {
  const port = (published: boolean) => ({ port: 80, protocol: 'http', alias: 'WEB', published }) as const;
  const open = manifest('1.0', [component('web', { ports: [port(true)] })]);
  const shut = manifest('1.0', [component('web', { ports: [port(false)] })]);
  const publish = (of: typeof one, ours: Desired, value: PendingSetting['value']) =>
    upgrade(of, { ours, base: of, settings: [setting('publish/80', value)] });
  const fixed = (of: typeof one) => install(of, [setting('publish/80', { hostPort: 8081, protocol: 'tcp' })]);

  it.each<[string, Draft, object | undefined, number | undefined]>([
    ['moves to another', publish(open, fixed(open), { hostPort: 8082, protocol: 'tcp' }), { hostPort: 8082 }, 8082],
    ['is closed', publish(open, fixed(open), false), undefined, undefined],
    ['is opened where the template does not', publish(shut, install(shut), true), { hostPort: 20_000 }, 20_000],
    ['is any free one instead of a fixed one', publish(open, fixed(open), true), { hostPort: 20_000 }, 20_000],
    ['is given back to a template that publishes it', publish(open, fixed(open), null), { hostPort: 20_000 }, 20_000],
    ['is given back to a template that does not', publish(shut, fixed(shut), null), undefined, undefined],
  ])('%s', (_title, draft, after, hostPort) => {
    const told = item(draft, 'web/publish/80');
    expect(told).toMatchObject({ verdict: 'change', rule: 'setting-applied' });
    if (after !== undefined) expect(told?.after).toMatchObject(after);
    expect(draft.ports.map((one) => one.hostPort)).toEqual(hostPort === undefined ? [] : [hostPort]);
  });

  it('stays closed with the next upgrade', () => {
    const closed = publish(open, fixed(open), false).desired!;
    expect(upgrade(open, { ours: closed, base: open }).ports).toEqual([]);
  });
  it('keeps the free one that it has', () => expect(publish(open, install(open), true).items).toEqual([]));
});
