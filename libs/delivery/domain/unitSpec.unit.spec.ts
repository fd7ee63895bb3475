import { sha256, type Digest, type InstanceId } from '@waybill/kernel';
import { fileContents, type ManifestComponent } from '@waybill/packaging';
import { describe, expect, it } from 'vitest';
import { component, env, manifest, surroundings, target } from '../testing/manifests.js';
import type { Draft } from './draft.js';
import { planSteps } from './planSteps.js';
import { planUpgrade } from './planUpgrade.js';
import { unitSpec } from './unitSpec.js';
import { planWarnings } from './warnings.js';

type Parts = Partial<Omit<ReturnType<typeof manifest>, 'components'>>;

function planned(components: readonly ManifestComponent[], parts: Parts = {}) {
  const of = manifest('1.0', components, parts);
  const contents = fileContents(of);
  const known = { ...surroundings(), content: (document: Digest) => contents.get(document) };
  const draft: Draft = planUpgrade({ target: target(of), settings: [], accept: new Set() }, known);
  const desired = draft.desired!;
  const source = { instance: { id: 'i' as InstanceId, name: 'shop' }, desired, contents };
  const spec = (key: string) => {
    const one = desired.components[key];
    return one === undefined ? undefined : unitSpec(one, source);
  };
  const warnings = planWarnings(desired, of, contents);
  const envOf = (key: string) => Object.fromEntries(spec(key)?.env.map(({ name, value }) => [name, value]) ?? []);
  return { draft, desired, spec, envOf, warnings, steps: planSteps(new Map(), desired, source) };
}

const secret = (name: string) => ({ secret: name, version: 1, fingerprint: `print of ${name}` });
const port = (number: number, alias: string) => ({ port: number, protocol: 'tcp', alias, published: false }) as const;
const persistent = (name: string, path: string) =>
  ({ name, path, kind: 'persistent', sourceType: 'share-file' }) as const;

describe('what a component is made of', () => {
  it('has the name that its author gave it as another name on the network, where its own is made of that', () => {
    const { spec, desired } = planned([component('db', { hostHint: 'my_db' }), component('web', { hostHint: 'web' })]);
    expect(desired.components['db']).toMatchObject({ host: 'my-db', called: 'my_db' });
    expect([spec('db')?.host, spec('db')?.aliases]).toEqual(['my-db', ['my_db']]);
    // A container that needs none is made of what it was made of before.
    expect(Object.keys(spec('web') ?? {})).not.toContain('aliases');
    expect(Object.keys(desired.components['web'] ?? {})).not.toContain('called');
  });

  it('holds one generated value wherever a template asks for it: variables, files, shared values', () => {
    const { envOf, spec, draft } = planned(
      [
        component('db', { env: [env('PASS', '', { scope: 'offered', secret: { group: 'db' } })] }),
        component('web', {
          env: [env('URL', 'mysql://root:**None:db**@db/x'), env('KEY', 'v1.**None**'), env('AGAIN', '${KEY}!')],
          files: [{ name: 'conf', path: '/c', content: 'p=**None:db**\nq=**None**\nr=${KEY}', mode: 0o600 }],
          dependencies: ['db'],
        }),
      ],
      { configGroups: [{ name: 'g', items: [{ name: 'G', value: '**None**' }], components: ['web'] }] },
    );
    expect(envOf('db')['PASS']).toEqual({ parts: [secret('group/db')] });
    expect(envOf('web')).toMatchObject({
      PASS: { parts: [secret('group/db')] },
      URL: { parts: ['mysql://root:', secret('group/db'), '@db/x'] },
      KEY: { parts: ['v1.', secret('web/KEY')] },
      AGAIN: { parts: ['v1.', secret('web/KEY'), '!'] },
      G: { parts: [secret('shared/g/G')] },
    });
    expect(spec('web')?.files).toEqual([
      {
        path: '/c',
        mode: 0o600,
        content: {
          parts: ['p=', secret('group/db'), '\nq=', secret('web/file//c'), '\nr=v1.', secret('web/KEY')],
        },
      },
    ]);
    expect(draft.secrets.map(({ name }) => name)).toEqual(['group/db', 'shared/g/G', 'web/KEY', 'web/file//c']);
  });

  it('sees shared values below what its providers offer, and those below its own', () => {
    const groups = {
      configGroups: [
        { name: 'g', items: ['A', 'B', 'C'].map((name) => ({ name, value: 'group' })), components: ['web'] },
      ],
    };
    const { envOf } = planned(
      [
        component('db', { env: [env('B', 'db', { scope: 'offered' }), env('C', 'db', { scope: 'offered' })] }),
        component('web', { env: [env('C', 'web')], dependencies: ['db'] }),
        component('other'),
      ],
      groups,
    );
    expect(envOf('web')).toMatchObject({ A: 'group', B: 'db', C: 'web' });
    expect(envOf('other')['A']).toBeUndefined();
  });

  it('mounts volumes and files of others, after their owners, and tells of what it cannot', () => {
    const { spec, steps, warnings } = planned([
      component('db', {
        volumes: [
          persistent('data', '/data'),
          { name: 'tmp', path: '/t', kind: 'memory', sourceType: 'memoryfs', capacity: 2 },
        ],
        files: [{ name: 'conf', path: '/etc/db.conf', content: 'me=${WHO}', mode: 0o640 }],
      }),
      component('web', {
        env: [env('WHO', 'web')],
        volumes: [persistent('own', '/own')],
        mounts: [
          { path: '/conf', component: 'db', volume: 'conf' },
          { path: '/seen', component: 'db', volume: 'data' },
          { path: '/own', component: 'db', volume: 'data' },
          { path: '/tmpfs', component: 'db', volume: 'tmp' },
          { path: '/gone', component: 'db', volume: 'gone' },
        ],
      }),
    ]);
    expect(spec('web')?.volumes).toEqual([
      { name: 'wb-web-own', path: '/own', readOnly: false },
      { name: 'wb-db-data', path: '/seen', readOnly: false },
    ]);
    expect(spec('web')?.files).toEqual([{ path: '/conf', mode: 0o640, content: 'me=web' }]);
    expect(spec('db')?.memoryVolumes).toEqual([{ path: '/t', sizeMiB: 2048 }]);
    expect(steps.map(({ step }) => [step.component, step.after])).toEqual([
      ['db', []],
      ['web', ['db']],
    ]);
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ['mount-not-made', 'nothing is mounted at /gone: db has no volume gone that others can see.'],
      ['mount-not-made', 'nothing is mounted at /own: it has something of its own there.'],
      ['mount-not-made', 'nothing is mounted at /tmpfs: db has no volume tmp that others can see.'],
    ]);
  });

  it('finds what runs elsewhere by name when it has addresses, else by the name it has there', () => {
    const elsewhere = (key: string, endpoints: string) => {
      const { image: _image, ...rest } = component(key, { workload: { kind: 'external' }, endpoints });
      return { ...rest, ports: [port(3306, key.toUpperCase())] };
    };
    const { spec, envOf, warnings, steps } = planned([
      elsewhere('pair', '["10.0.0.5:3306","10.0.0.6:3306"]'),
      elsewhere('moved', '10.0.0.7:13306'),
      elsewhere('named', 'db.example.org'),
      elsewhere('cluster', '{"serviceName":"db"}'),
      component('web', { dependencies: ['cluster', 'moved', 'named', 'pair'] }),
    ]);
    expect(envOf('web')).toMatchObject({
      PAIR_HOST: 'pair',
      PAIR_PORT: '3306',
      MOVED_HOST: 'moved',
      MOVED_PORT: '13306',
      NAMED_HOST: 'db.example.org',
      NAMED_PORT: '3306',
      CLUSTER_HOST: 'cluster',
    });
    expect(spec('web')?.extraHosts).toEqual([
      { name: 'moved', address: '10.0.0.7' },
      { name: 'pair', address: '10.0.0.5' },
      { name: 'pair', address: '10.0.0.6' },
    ]);
    expect(spec('pair')).toBeUndefined();
    expect(steps.map(({ step }) => `${step.component} ${step.action}`)).toContain('web create');
    expect(warnings.map(({ code, subject }) => `${subject} ${code}`)).toEqual([
      'pair runs-elsewhere',
      'moved runs-elsewhere',
      'moved endpoint-port-differs',
      'named runs-elsewhere',
      'cluster runs-elsewhere',
      'cluster endpoint-not-usable',
    ]);
  });

  it('publishes every replica at a port of its own', () => {
    const { spec, warnings } = planned([
      component('web', {
        replicas: { initial: 3, min: 3, max: 3 },
        ports: [{ port: 80, protocol: 'http', alias: 'WEB', published: true }],
      }),
    ]);
    expect(spec('web')?.publish).toEqual([
      { containerPort: 80, hostPort: 20_000, protocol: 'tcp' },
      { containerPort: 80, hostPort: 20_001, protocol: 'tcp', replica: 1 },
      { containerPort: 80, hostPort: 20_002, protocol: 'tcp', replica: 2 },
    ]);
    expect(warnings).toEqual([
      {
        code: 'replicas-published-apart',
        subject: 'web',
        message:
          'each of its 3 replicas has ports of its own on the host, and nothing spreads callers over them: port 80 answers on 20000, 20001, 20002.',
      },
    ]);
  });

  it('is asked by command whether it lives, and told of when the engine cannot ask', () => {
    const times = { initialDelay: 5, period: 3, timeout: 2, failureThreshold: 4, successThreshold: 1 };
    const { spec, warnings } = planned([
      component('a', {
        probes: [{ purpose: 'liveness', check: { kind: 'command', command: 'test -e /ok' }, ...times }],
      }),
      component('b', { probes: [{ purpose: 'liveness', check: { kind: 'tcp', port: 80 }, ...times }] }),
    ]);
    expect(spec('a')?.health).toEqual({
      command: 'test -e /ok',
      initialDelay: 5,
      period: 3,
      timeout: 2,
      failureThreshold: 4,
    });
    expect(spec('b')?.health).toBeUndefined();
    expect(warnings.map(({ code, subject }) => `${subject} ${code}`)).toEqual(['b liveness-not-watched']);
  });

  it('calls a component of a route by its name, not by the key of a package', () => {
    const { warnings } = planned([component('8d1e0d3c', { name: 'web' })], {
      routes: [{ component: '8d1e0d3c', port: 80, path: '/', settings: sha256('') }],
    });
    expect(warnings.map(({ code, subject }) => [code, subject])).toEqual([['route-not-applied', 'web']]);
  });

  it('warns of what no engine would start, before one is asked', () => {
    const times = { initialDelay: 5, period: 3, timeout: 2, failureThreshold: 4, successThreshold: 1 };
    const asked = (command: string) => [
      { purpose: 'readiness', check: { kind: 'command', command }, ...times } as const,
    ];
    const { warnings } = planned([
      component('a', { command: "sh -c 'true", probes: asked('test "x'), resources: { memoryMiB: 1, cpuMilli: 0 } }),
      component('b', { volumes: [persistent('p', '/proc'), persistent('d', '/dev/shm'), persistent('s', '/sys/x')] }),
      component('job', { workload: { kind: 'job' }, probes: asked("'"), resources: { memoryMiB: 6, cpuMilli: 0 } }),
      component('out', { workload: { kind: 'unsupported', source: 'vm' }, command: "'" }),
    ]);
    expect(
      warnings.filter(({ code }) => code === 'cannot-start').map(({ subject, message }) => [subject, message]),
    ).toEqual([
      ['a', `it cannot start: its command cannot be read: a single quote is not closed in the command "sh -c 'true".`],
      [
        'a',
        String.raw`it cannot start: its readiness probe cannot be read: a double quote is not closed in the command "test \"x".`,
      ],
      ['a', 'it cannot start: it may use 1 MiB of memory, and an engine gives at least 6.'],
      ['b', "it cannot start: nothing can be mounted at /proc, which is the kernel's."],
      ['b', "it cannot start: nothing can be mounted at /sys/x, which is the kernel's."],
    ]);
  });

  it('warns of addresses of the container itself in variables, files and shared values, naming where', () => {
    const { warnings } = planned(
      [
        component('web', {
          env: [env('URL', 'http://127.0.0.1:8080/'), env('DB_HOST', ' localhost '), env('FINE', 'no-localhost')],
          files: [{ name: 'c', path: '/etc/c', content: 'db = localhost:3306', mode: 420 }],
        }),
      ],
      {
        configGroups: [{ name: 'g', items: [{ name: 'X', value: 'tcp://127.0.0.1:1' }], components: ['web'] }],
        routes: [{ component: 'web', port: 80, path: '/x', settings: sha256('') }],
        carried: [
          { kind: 'plugin', name: 'waf', content: sha256('') },
          { kind: 'unusable-volume', name: 'v', component: 'web', content: sha256('') },
        ],
      },
    );
    expect(warnings.map(({ code, subject, message }) => [code, subject, message])).toEqual([
      ['loopback-address', 'web', 'DB_HOST names localhost, which inside a container is the container itself.'],
      ['loopback-address', 'web', 'URL names 127.0.0.1:8080, which inside a container is the container itself.'],
      [
        'loopback-address',
        'web',
        'the file /etc/c names localhost:3306, which inside a container is the container itself.',
      ],
      [
        'loopback-address',
        'template',
        'the shared value g/X names 127.0.0.1:1, which inside a container is the container itself.',
      ],
      ['carried-not-applied', 'template', 'the plugin "waf" is kept, but not applied here.'],
      ['carried-not-applied', 'web', 'the volume "v" is kept, but not applied here.'],
      [
        'route-not-applied',
        'web',
        'the HTTP route /x to port 80 is kept, but there is no gateway yet: the port itself is published where the template opens it.',
      ],
    ]);
  });
});
