import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Manifest, ManifestComponent } from '../manifest.js';
import { specification } from '../testing/composeSpecification.js';
import { component, env, manifest } from '../testing/manifests.js';
import { composed } from './composed.js';
import { composeFile } from './composeFile.js';
import { envExample } from './envExample.js';
import { packageFiles } from './files.js';
import { notCarriedByCompose } from './notCarried.js';
import { servicesOf } from './services.js';

interface File {
  readonly services: Readonly<
    Record<string, Readonly<Record<string, unknown>> & { readonly environment: Readonly<Record<string, string>> }>
  >;
  readonly volumes: Readonly<Record<string, object>>;
}

/** As Compose reads it, YAML 1.1 or 1.2. */
function written(
  components: readonly ManifestComponent[],
  parts: Partial<Manifest> = {},
  version: '1.1' | '1.2' = '1.2',
) {
  const package_ = composed(manifest('1.0', components, parts));
  const text = composeFile(servicesOf(package_), package_, () => false);
  const file = parse(text, { version }) as File;
  for (const service of Object.values(file.services))
    expect(specification.service).toEqual(expect.arrayContaining(Object.keys(service)));
  return { package_, text, ...file };
}

const db = component('db', {
  name: '数据库 MySQL',
  workload: { kind: 'stateful' },
  ports: [{ port: 3306, protocol: 'tcp', alias: 'MYSQL', published: false }],
  env: [
    env('MYSQL_PASS', '', { scope: 'offered', secret: {} }),
    env('MYSQL_USER', 'admin', { scope: 'offered' }),
    env('DSN', 'mysql://${MYSQL_USER}:${MYSQL_PASS}@${MYSQL_HOST}/$x', { scope: 'offered', editable: false }),
  ],
  volumes: [{ name: 'data', path: '/data', kind: 'persistent', sourceType: 'share-file' }],
});

describe('docker-compose.yaml', () => {
  it('gives both sides of a dependency the one line of .env, also amid other text, and nothing secret', () => {
    const { services } = written([db, component('web', { dependencies: ['db'] })]);
    const pass = '${SHU_JU_KU_MYSQL_MYSQL_PASS:?is missing, ./run.sh load makes it}';
    const user = '${SHU_JU_KU_MYSQL_MYSQL_USER-admin}';
    const offered = {
      MYSQL_HOST: 'shu-ju-ku-mysql',
      MYSQL_PORT: '3306',
      MYSQL_PASS: pass,
      MYSQL_USER: user,
      DSN: `mysql://${user}:${pass}@shu-ju-ku-mysql/$$x`,
    };
    expect(services['web']?.environment).toEqual({ ...offered, MEMORY_SIZE: 'micro' });
    expect(services['shu-ju-ku-mysql']?.environment).toMatchObject(offered);
  });

  it('lets a service answer to the name that its author gave it, and leaves the others without a word of networks', () => {
    const { services } = written([component('db', { hostHint: 'my_db' }), component('web', { hostHint: 'web' })]);
    expect(Object.entries(services).map(([name, { networks }]) => [name, networks])).toEqual([
      ['my-db', { default: { aliases: ['my_db'] } }],
      ['web', undefined],
    ]);
  });

  it('uses one name for a service, its files, volumes and variables, and numbers the second of two alike everywhere', () => {
    const twin = (key: string) =>
      component(key, {
        name: 'Web Server',
        env: [env('LEVEL', 'info')],
        volumes: [{ name: '数据', path: '/d', kind: 'persistent', sourceType: '' }],
        files: [{ name: 'c', path: '/etc/c', content: 'x', mode: 0o644 }],
        ports: [{ port: 80, protocol: 'http', alias: 'W', published: true }],
      });
    const { services, volumes, package_ } = written([twin('a'), twin('b')]);
    expect(Object.keys(services)).toEqual(['web-server', 'web-server-2']);
    expect(Object.keys(volumes)).toEqual(['web-server-2-shu-ju', 'web-server-shu-ju']);
    expect(services['web-server-2']).toMatchObject({
      environment: { LEVEL: '${WEB_SERVER_2_LEVEL-info}' },
      ports: ['${WEB_SERVER_2_PORT_80-8081}:80'],
      volumes: [
        { type: 'volume', source: 'web-server-2-shu-ju', target: '/d', volume: { nocopy: true } },
        { type: 'bind', source: './files/web-server-2/etc_c', target: '/etc/c', read_only: true },
      ],
    });
    expect(envExample(package_)).toBe(
      [
        '# What .env may say, and what holds where it does not. Values stand as they are, without quotes.',
        'COMPOSE_PROJECT_NAME=shop',
        '# LEVEL of Web Server',
        'WEB_SERVER_2_LEVEL=info',
        '# port 80 of Web Server on this machine',
        'WEB_SERVER_2_PORT_80=8081',
        '# LEVEL of Web Server',
        'WEB_SERVER_LEVEL=info',
        '# port 80 of Web Server on this machine',
        'WEB_SERVER_PORT_80=8080',
        '',
      ].join('\n'),
    );
  });

  it('is read alike by YAML 1.1 and 1.2, whatever the texts look like, and no dollar stands alone', () => {
    const odd = [
      'on',
      '1:30',
      '0777',
      '~',
      '',
      'a: b',
      '# c',
      '- d',
      "it's",
      '"q"',
      'two\nlines',
      'tab\there',
      '100%',
      '数据',
      '\u2028',
      '=',
      '1e3',
      '${UNKNOWN}',
      '$HOME $$',
    ];
    const components = [
      component('odd', {
        command: `run 'a $b' "on"`,
        env: odd.map((value, index) => env(`V${String(index)}`, value, { editable: false })),
      }),
      component('y', { env: [env('NO', 'no', { editable: false })] }),
    ];
    const [old, now] = [written(components, {}, '1.1'), written(components)];
    expect(old.services).toEqual(now.services);
    expect(now.services['odd']?.['command']).toEqual(['run', 'a $$b', 'on']);
    expect(odd.map((_, index) => now.services['odd']?.environment[`V${String(index)}`])).toEqual(
      odd.map((value) => value.replaceAll('$', '$$$$')),
    );
    expect(now.services['y']?.environment).toMatchObject({ NO: 'no' });
    expect(now.text.replaceAll('$$', '')).not.toContain('$');
  });

  it('waits for providers, for the end of jobs, and for nobody in a ring', () => {
    const { services, package_ } = written([
      component('api', { dependencies: ['db', 'init', 'web'] }),
      component('db', {
        probes: [
          {
            purpose: 'readiness',
            check: { kind: 'command', command: 'ping -c 1 db' },
            initialDelay: 4,
            period: 3,
            timeout: 5,
            failureThreshold: 3,
            successThreshold: 1,
          },
        ],
      }),
      component('init', { workload: { kind: 'job' } }),
      component('night', { workload: { kind: 'cron', schedule: '0 3 * * *' }, dependencies: ['db'] }),
      component('web', { dependencies: ['api'] }),
    ]);
    expect(services['api']?.['depends_on']).toEqual({
      db: { condition: 'service_started' },
      init: { condition: 'service_completed_successfully' },
    });
    expect(services['web']?.['depends_on']).toBeUndefined();
    expect(services['db']?.['healthcheck']).toEqual({
      test: ['CMD', 'ping', '-c', '1', 'db'],
      start_period: '4s',
      interval: '3s',
      timeout: '5s',
      retries: 3,
    });
    expect(services['init']?.['restart']).toBe('no');
    expect(services['night']).toMatchObject({ restart: 'no', profiles: ['at-times'] });
    expect(notCarriedByCompose(package_.manifest).map(({ code, subject }) => `${subject} ${code}`)).toEqual([
      'api order-not-kept',
      'init job-runs-again',
      'night runs-at-times',
      'web order-not-kept',
    ]);
  });

  it('lists what it does not do: what runs elsewhere or nowhere, probes, routes, parts, and values that .env cannot hold', () => {
    const probe = { initialDelay: 1, period: 1, timeout: 1, failureThreshold: 1, successThreshold: 1 };
    const { services, package_ } = written(
      [
        component('daemon', { workload: { kind: 'unsupported', source: 'daemonset' } }),
        component('out', { workload: { kind: 'external' }, endpoints: '10.0.0.5:3306' }),
        component('web', {
          dependencies: ['out', 'gone'],
          env: [env('COLOUR', "it's"), env('SIZE', '3'), env('DSN', 'db://localhost:1')],
          probes: [{ purpose: 'readiness', check: { kind: 'http', port: 80, path: '/up', headers: [] }, ...probe }],
          mounts: [{ path: '/m', component: 'gone', volume: 'v' }],
        }),
      ],
      {
        routes: [{ component: 'web', port: 80, path: '/', settings: 'sha256:x' as never }],
        carried: [{ kind: 'plugin', name: 'mesh', content: 'sha256:x' as never }],
      },
    );
    expect(Object.keys(services)).toEqual(['web']);
    expect(services['web']?.['extra_hosts']).toEqual(['out:10.0.0.5']);
    expect(services['web']?.environment).toMatchObject({ COLOUR: "it's", SIZE: '${WEB_SIZE-3}' });
    expect(notCarriedByCompose(package_.manifest).map(({ code, subject }) => `${subject} ${code}`)).toEqual([
      'daemon workload-unsupported',
      'out runs-elsewhere',
      'template part-not-carried',
      'web dependency-missing',
      'web loopback-address',
      'web mount-not-made',
      'web probe-not-carried',
      'web route-not-carried',
      'web value-fixed',
    ]);
  });

  it('takes no name for a variable that the shell or Compose reads itself', () => {
    const names = (host: string, name: string) =>
      Object.values(written([component('x', { name: host, env: [env(name, 'v')] })]).services).map(
        ({ environment }) => environment[name],
      );
    expect(names('docker', 'HOST')).toEqual(['${APP_DOCKER_HOST-v}']);
    expect(names('http', 'proxy')).toEqual(['${APP_HTTP_PROXY-v}']);
    expect(names('3d', 'é')).toEqual(['${APP_3D-v}']);
  });

  it('shares a range of ports between replicas, and gives no port twice', () => {
    const port = { port: 80, protocol: 'http', alias: 'W', published: true } as const;
    const { services } = written([
      component('a', { ports: [port], replicas: { initial: 2, min: 1, max: 2 } }),
      component('b', { ports: [{ ...port, port: 8081, protocol: 'udp' }] }),
    ]);
    expect([services['a']?.['scale'], services['a']?.['ports'], services['b']?.['ports']]).toEqual([
      2,
      ['${A_PORT_80-8080-8081}:80'],
      ['${B_PORT_8081-8082}:8081/udp'],
    ]);
  });

  it('has names that Compose and a shell take, each once, and asks for nothing that .env.example does not have, whatever the template says', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom('数据库', '--', '', 'web', '3', 'DOCKER', 'compose_file', '**None:数**'),
    );
    const variable = fc.record({ name: text.filter((name) => name !== ''), value: text, editable: fc.boolean() });
    const part = fc.record({
      name: text,
      variables: fc.uniqueArray(variable, { maxLength: 4, selector: ({ name }) => name }),
      paths: fc.uniqueArray(text, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const components = parts.map(({ name, variables, paths }, index) =>
          component(`c${String(index)}`, {
            name,
            env: variables.map(({ name: of, value, editable }) => env(of, value, { editable })),
            files: paths.map((path) => ({ name: path, path: `/${path}`, content: '${PATH} **None**', mode: 0o600 })),
            volumes: [{ name, path: '/data', kind: 'persistent', sourceType: '' }],
            ports: [{ port: 80 + index, protocol: 'tcp', alias: `P${String(index)}`, published: true }],
          }),
        );
        const { services, volumes, text: file, package_ } = written(components);
        expect(written(components, {}, '1.1').services).toEqual(services);
        expect([Object.keys(services).length, Object.keys(volumes).length]).toEqual([parts.length, parts.length]);
        for (const name of [...Object.keys(services), ...Object.keys(volumes)])
          expect(name).toMatch(/^[a-z0-9][a-z0-9-]*$/);
        const known = [...envExample(package_).matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
        expect(new Set(known).size).toBe(known.length);
        const asked = [...file.replaceAll('$$', '').matchAll(/\$\{([^-:}]*)/g)].map(([, name]) => name);
        expect(known).toEqual(expect.arrayContaining(asked));
        const names = servicesOf(package_).flatMap(({ component: one }) =>
          packageFiles(one, package_).map((found) => found.name),
        );
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^files\/[a-z0-9-]+\/[A-Za-z0-9-][A-Za-z0-9._-]*$/);
      }),
      { numRuns: 60 },
    );
  });
});
