import { describe, expect, it } from 'vitest';
import { imageCalled } from '../testing/buildImage.js';
import { composeNeeds } from './composeNeeds.js';
import { normaliseCompose } from './normaliseCompose.js';
import { filesNamedBy } from './filesNamedBy.js';
import { composeSourceBytes, parseComposeSource, type ComposeSource } from './source.js';
import { thrownBy } from './testing.js';

const web = imageCalled('shop/web:1.2');
const db = imageCalled('postgres:16');
const source = (compose: string, files: Readonly<Record<string, string>> = {}): ComposeSource => ({
  schema: 1,
  compose,
  files,
});
const made = (compose: string, files?: Readonly<Record<string, string>>) =>
  normaliseCompose(source(compose, files), [web, db]);

const SHOP = `
x-waybill:
  template: shop
  name: Online shop
  version: 1.2.0
  generate: [DB_PASSWORD]
services:
  web:
    image: shop/web:1.2
    container_name: web
    command: ["serve", "--title", "it's here"]
    env_file: web.env
    environment:
      - DB_HOST=db
      - DB_URL=postgres://app:\${DB_PASSWORD}@db:5432/app
      - LOG_LEVEL=\${LEVEL:-info}
      - PRICE=$$5
      - LICENCE
    ports: ["\${WEB_PORT:-8080}:80", "9090"]
    expose: [9100]
    depends_on:
      db: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
    configs: [{source: conf, target: /etc/web.conf, mode: 0440}]
    volumes: ["./nginx.conf:/etc/nginx.conf:ro", "data:/shared:ro"]
    deploy: {replicas: 2, resources: {limits: {cpus: "0.25", memory: 64M}}}
    x-waybill:
      name: Shop front
      change: [PRICE]
      labels: {PRICE: What it costs}
  migrate:
    image: shop/web:1.2
    command: migrate --all
    restart: "no"
    depends_on: [db]
  db:
    image: postgres:16
    x-waybill: {key: database, offer: [DB_HOST, DB_PORT, DB_PASSWORD]}
    environment: {DB_HOST: db, DB_PORT: 5432, DB_PASSWORD: "\${DB_PASSWORD}", TZ: UTC}
    expose: ["5432"]
    volumes: ["data:/var/lib/data", "/cache", {type: tmpfs, target: /tmp, tmpfs: {size: 1g}}]
    secrets: [key]
    healthcheck: {test: "pg_isready -U app", interval: 5s, timeout: 2s, retries: 4, start_period: 1m}
volumes: {data: }
configs: {conf: {content: "level = \${LEVEL:-info}"}}
secrets: {key: {x-waybill: {generate: KEY}}}
`;
const FILES = { 'web.env': '# of the vendor\nTHEME="dark"\nDB_HOST=elsewhere\n', 'nginx.conf': 'listen 80;\n' };

describe('a Compose file', () => {
  it('becomes the manifest that it means', () => {
    const { manifest } = made(SHOP, FILES);
    const image = ({ config, layers, os, architecture }: typeof web) => ({
      config,
      diffIds: layers.map(({ diffId }) => diffId),
      os,
      architecture,
    });
    const nothing = { aliases: [], env: [], ports: [], volumes: [], files: [], mounts: [], probes: [] };
    const limits = { resources: { memoryMiB: 0, cpuMilli: 0 }, replicas: { initial: 1, min: 1, max: 64 } };
    const probe = {
      check: { kind: 'command', command: "/bin/sh -c 'pg_isready -U app'" },
      timeout: 2,
      successThreshold: 1,
    };
    expect(manifest).toEqual({
      schema: 1,
      template: { key: 'shop', name: 'Online shop' },
      version: '1.2.0',
      configGroups: [],
      routes: [],
      carried: [
        expect.objectContaining({ kind: 'compose-attribute', name: 'volumes data read_only', component: 'web' }),
      ],
      components: [
        {
          ...nothing,
          ...limits,
          key: 'database',
          name: 'db',
          hostHint: 'db',
          workload: { kind: 'stateful' },
          image: image(db),
          env: [
            { name: 'DB_HOST', value: 'db', scope: 'offered', editable: false, port: 5432 },
            { name: 'DB_PASSWORD', value: '', scope: 'offered', editable: false, secret: { group: 'DB_PASSWORD' } },
            { name: 'DB_PORT', value: '5432', scope: 'offered', editable: false, port: 5432 },
            { name: 'TZ', value: 'UTC', scope: 'own', editable: false },
          ],
          ports: [{ port: 5432, protocol: 'tcp', alias: 'DB', published: false }],
          volumes: [
            { name: 'cache', path: '/cache', kind: 'persistent', sourceType: 'volume' },
            { name: 'tmp', path: '/tmp', kind: 'memory', sourceType: 'tmpfs', capacity: 1 },
            { name: 'data', path: '/var/lib/data', kind: 'persistent', sourceType: 'volume' },
          ],
          files: [{ name: 'key', path: '/run/secrets/key', content: '**None:KEY**', mode: 0o444 }],
          dependencies: [],
          probes: [
            { purpose: 'liveness', ...probe, initialDelay: 60, period: 5, failureThreshold: 4 },
            { purpose: 'readiness', ...probe, initialDelay: 0, period: 5, failureThreshold: 16 },
          ],
        },
        {
          ...nothing,
          ...limits,
          key: 'migrate',
          name: 'migrate',
          hostHint: 'migrate',
          workload: { kind: 'job' },
          image: image(web),
          command: 'migrate --all',
          dependencies: ['database'],
        },
        {
          ...nothing,
          key: 'web',
          name: 'Shop front',
          hostHint: 'web',
          workload: { kind: 'service' },
          image: image(web),
          command: `serve --title 'it'\\''s here'`,
          env: [
            { name: 'DB_HOST', value: 'db', scope: 'own', editable: false },
            { name: 'DB_URL', value: 'postgres://app:**None:DB_PASSWORD**@db:5432/app', scope: 'own', editable: true },
            { name: 'LICENCE', value: '', scope: 'own', editable: true },
            { name: 'LOG_LEVEL', value: 'info', scope: 'own', editable: true },
            { name: 'PRICE', value: '$5', scope: 'own', label: 'What it costs', editable: true },
            { name: 'THEME', value: 'dark', scope: 'own', editable: true },
          ],
          ports: [
            { port: 80, protocol: 'tcp', alias: 'WEB_80', published: true },
            { port: 9090, protocol: 'tcp', alias: 'WEB_9090', published: true },
            { port: 9100, protocol: 'tcp', alias: 'WEB_9100', published: false },
          ],
          files: [
            { name: './nginx.conf'.slice(2), path: '/etc/nginx.conf', content: 'listen 80;\n', mode: 0o644 },
            { name: 'conf', path: '/etc/web.conf', content: 'level = info', mode: 0o440 },
          ],
          mounts: [{ path: '/shared', component: 'database', volume: 'data' }],
          dependencies: ['database', 'migrate'],
          resources: { memoryMiB: 64, cpuMilli: 250 },
          replicas: { initial: 2, min: 1, max: 64 },
        },
      ],
    });
  });

  it('is told of by the rules of the production specification', () => {
    const { notices } = made(SHOP, FILES);
    expect(notices.map(({ subject, code }) => `${subject} ${code}`)).toEqual(
      [
        'component:web bind-as-file',
        'component:web connection-fixed',
        'component:web name-fixed',
        'component:web part-carried',
        'component:web port-fixed',
        'component:web port-published',
        'component:web port-published',
        'component:web secret-embedded',
        'component:web variable-unset',
        'component:database secret-embedded',
        'template variable-fixed',
        'template variable-fixed',
      ].sort(),
    );
    const plain = made(`
name: shop
x-waybill: {version: "1"}
services:
  web: {image: shop/web:1.2, environment: {ADMIN_PASSWORD: hunter2, DB: "127.0.0.1:5432"}}
`);
    expect(plain.notices.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'loopback-address: The variable DB names 127.0.0.1:5432; other components are not at that address here.',
      'secret-in-clear: The variable ADMIN_PASSWORD looks like a secret and stands in clear: whoever has the package has it.',
    ]);
  });

  it('tells the publisher what no engine would start', () => {
    const { notices } = made(`
services:
  web:
    image: shop/web:1.2
    command: echo "oh
    mem_limit: 1m
    volumes: ["/proc"]
x-waybill: {template: t, version: 1.0}
`);
    expect(
      notices.flatMap(({ code, subject, message }) => (code === 'cannot-start' ? [[subject, message]] : [])),
    ).toEqual([
      ['component:web', 'It cannot start: it may use 1 MiB of memory, and an engine gives at least 6.'],
      [
        'component:web',
        String.raw`It cannot start: its command cannot be read: a double quote is not closed in the command "echo \"oh".`,
      ],
      ['component:web', "It cannot start: nothing can be mounted at /proc, which is the kernel's."],
    ]);
  });

  it('tells of a service that nobody reaches by its name, and of no other', () => {
    const { notices } = made(`
x-waybill: {template: shop, version: "1"}
services:
  Web: {image: "shop/web:1.2"}
  web: {image: "shop/web:1.2"}
  my_db: {image: "postgres:16"}
  a b: {image: "postgres:16", x-waybill: {key: ab}}
`);
    expect(notices).toEqual(
      [
        ['Web', 'Web'],
        ['ab', 'a b'],
      ].map(([key = '', name]) => ({
        code: 'name-fixed',
        subject: `component:${key}`,
        message: `Nobody reaches it as ${name}: another one answers to that name (capitals count for nothing on a network), or no engine takes it for one.`,
      })),
    );
  });

  it('names all that cannot be carried in one answer, each with its place', () => {
    const error = thrownBy(() =>
      made(`
services:
  web:
    build: .
    privileged: true
    volumes: ["./data:/data", "/etc/passwd:/p", "~/x:/x", "../y:/y"]
    ports: ["99999", "80/sctp"]
    depends_on: [nobody]
    environment: {A: "\${"}
  a: {image: postgres:16, depends_on: [b], network_mode: host}
  b: {image: postgres:16, depends_on: [a]}
`),
    );
    expect(error).toMatchObject({ code: 'compose-refused' });
    expect((error as { points: { pointer: string }[] }).points.map(({ pointer }) => pointer).sort()).toEqual([
      '/services',
      '/services/a/network_mode',
      '/services/web/depends_on/0',
      '/services/web/environment/A',
      '/services/web/image',
      '/services/web/ports/0',
      '/services/web/ports/1',
      '/services/web/privileged',
      '/services/web/volumes/0',
      '/services/web/volumes/1',
      '/services/web/volumes/2',
      '/services/web/volumes/3',
      '/x-waybill/template',
      '/x-waybill/version',
    ]);
  });

  it('tells of every place once, and of an image whose variable is unset only that', () => {
    const error = thrownBy(() =>
      made(`
x-waybill: {templat: shop}
name: shop
services: {c: {image: "\${NOWHERE}"}, d: {build: .}}
`),
    );
    expect((error as { points: unknown }).points).toEqual([
      { pointer: '/x-waybill/templat', message: 'x-waybill knows template, name, version, generate, notes here' },
      { pointer: '/services/d/image', message: 'a service names its image, also where it is built from a folder' },
      {
        pointer: '/services/c/image',
        message: 'the variable NOWHERE has no value here: give a default, or write it into .env',
      },
      { pointer: '/x-waybill/version', message: 'nothing says which version it is' },
    ]);
  });

  it('says of a file that is a secret as a whole that it is one', () => {
    const { notices } = made(`
name: shop
x-waybill: {version: "1"}
services: {web: {image: "shop/web:1.2", secrets: [key], configs: [conf]}}
secrets: {key: {x-waybill: {generate: KEY}}}
configs: {conf: {content: "key = **None:KEY**"}}
`);
    expect(notices.flatMap(({ code, message }) => (code === 'secret-embedded' ? [message] : []))).toEqual([
      'The file /conf holds a placeholder for a secret amid other text; a generated value is put in its place.',
      'The file /run/secrets/key is a placeholder for a secret; a generated value is put in its place.',
    ]);
  });

  it.each([
    ['a key twice', 'services: {}\nservices: {}', 'line 2'],
    ['a tag', 'services: !reset {}', 'line 1'],
    ['no YAML', 'services: [', 'line 1'],
    ['two documents', 'a: b\n---\nc: d', 'line 2'],
    ['a list', '[]', '/'],
  ])('with %s is no Compose file', (_, compose, at) => {
    expect(thrownBy(() => made(compose))).toMatchObject({ code: 'compose-invalid', details: { at } });
  });

  it.each([
    [
      'many laughs',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replaceAll(
        /./g,
        (name, i) =>
          `${name}: &${name} [${Array(10)
            .fill(`*${'abcdefg'[i as number]}`)
            .join()}]\n`,
      )}`,
    ],
    ['a deep nest', 'a: '.concat('['.repeat(50_000))],
    ['a ring', 'a: &a [*a]'],
    ['two megabytes', `a: ${'x'.repeat(2 * 1024 ** 2)}`],
  ])('of %s is not read', (_, compose) => {
    expect(thrownBy(() => made(compose))).toMatchObject({
      code: expect.stringMatching(/^(?:package-limit-exceeded|compose-invalid)$/) as string,
    });
  });

  it('merges what its anchors name', () => {
    const { manifest } = made(`
x-common: &common {image: postgres:16, environment: {A: a}}
services:
  one: {<<: *common, environment: {B: b}}
  two: *common
name: shop
x-waybill: {version: "1"}
`);
    expect(manifest.components.map(({ env }) => env.map(({ name }) => name))).toEqual([['B'], ['A']]);
  });

  it('says which images and files a publisher is to bring', () => {
    expect(composeNeeds(source(SHOP)).images).toEqual([{ reference: 'postgres:16' }, { reference: 'shop/web:1.2' }]);
    expect(filesNamedBy(SHOP)).toEqual(['./nginx.conf', 'web.env']);
  });

  it('whose image is not there is told after what is wrong with it', () => {
    const compose = 'name: shop\nx-waybill: {version: "1"}\nservices: {web: {image: "other:1"}}';
    expect(thrownBy(() => made(compose))).toMatchObject({
      code: 'package-image-missing',
      details: { component: 'web', image: 'other:1' },
    });
  });
});

describe('the source document', () => {
  it('is read as it was written, and holds the images by digest', () => {
    const pinned: ComposeSource = {
      ...source(SHOP, FILES),
      images: { 'postgres:16': db.config, 'shop/web:1.2': web.config },
    };
    const read = parseComposeSource(composeSourceBytes(pinned));
    expect(read).toEqual(pinned);
    const unnamed = [web, db].map((image) => ({ ...image, references: [] }));
    expect(normaliseCompose(read, unnamed)).toEqual(made(SHOP, FILES));
  });

  it.each([
    ['another schema', { schema: 2, compose: '', files: {} }],
    ['an unknown member', { schema: 1, compose: '', files: {}, more: '' }],
    ['a file outside its folder', { schema: 1, compose: '', files: { '../x': '' } }],
    ['an image without digest', { schema: 1, compose: '', files: {}, images: { a: 'b' } }],
  ])('with %s is refused', (_, document) => {
    expect(thrownBy(() => parseComposeSource(Buffer.from(JSON.stringify(document))))).toMatchObject({
      code: 'package-metadata-invalid',
    });
  });
});
