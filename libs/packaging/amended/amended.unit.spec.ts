import { describe, expect, it } from 'vitest';
import { composeSourceBytes } from '../compose/source.js';
import { thrownBy } from '../compose/testing.js';
import { normalise } from '../normalise.js';
import { imageCalled } from '../testing/buildImage.js';
import { ramMetadata } from '../testing/buildRamPackage.js';
import { amendedSourceBytes, mergedChanges, parseAmendedSource, type AmendedSource, type Amendment } from './source.js';

const web = imageCalled('shop/web:1');
const compose = composeSourceBytes({
  schema: 1,
  compose: `
x-waybill: {generate: [PASSWORD]}
services:
  web:
    image: shop/web:1
    ports: ["80"]
    environment: {LEVEL: "\${LEVEL:-info}", PASSWORD: "\${PASSWORD}"}
    configs: [{source: conf, target: /etc/web.conf}]
    x-waybill: {offer: [LEVEL]}
  nightly: {image: "shop/web:1", x-waybill: {workload: cron, schedule: 0 3 * * *}}
configs: {conf: {content: "title = Shop"}}
`,
  files: {},
  template: 'shop',
  version: '1.0',
});
const source = (changes: readonly Amendment[], base = compose): AmendedSource => ({
  schema: 1,
  base: { format: 'compose', source: Buffer.from(base).toString('utf8') },
  version: '1.1',
  changes,
});
const of = (item: string, value: string, component = 'web'): Amendment => ({ component, item, value });
const made = (changes: readonly Amendment[]) => normalise('amended', amendedSourceBytes(source(changes)), [web]);

describe('a version that goes on from another one', () => {
  it('says the same but for its number where nothing was changed', () => {
    const base = normalise('compose', compose, [web]);
    expect(made([])).toEqual({ ...base, manifest: { ...base.manifest, version: '1.1' } });
  });

  it('has the values that were in effect', () => {
    const before = normalise('compose', compose, [web]).manifest;
    const { manifest, notices } = made([
      of('env/LEVEL', 'debug'),
      of('env/DB', 'postgres://shop:hunter2@db/shop'),
      of('file//etc/web.conf', 'title = Store'),
      of('memory', '256'),
      of('cpu', '500'),
      of('replicas', '3'),
      of('schedule', '30 4 * * *', 'nightly'),
    ]);
    const [nightly, shop] = before.components;
    const [level] = shop?.env.filter(({ name }) => name === 'LEVEL') ?? [];
    const [password] = shop?.env.filter(({ name }) => name === 'PASSWORD') ?? [];
    expect(manifest.components).toEqual([
      { ...nightly, workload: { kind: 'cron', schedule: '30 4 * * *' } },
      {
        ...shop,
        env: [
          { name: 'DB', value: 'postgres://shop:hunter2@db/shop', scope: 'own', editable: true },
          { ...level, value: 'debug' },
          password,
        ],
        files: [{ ...shop?.files[0], content: 'title = Store' }],
        resources: { memoryMiB: 256, cpuMilli: 500 },
        replicas: { ...shop?.replicas, initial: 3 },
      },
    ]);
    expect(notices).toContainEqual(
      expect.objectContaining({ code: 'secret-in-clear', message: expect.stringContaining('variable DB') as unknown }),
    );
  });

  it('is not told of a text that another one took the place of', () => {
    const base = composeSourceBytes({
      schema: 1,
      compose:
        'services: {web: {image: "shop/web:1", environment: {ASKED: , URL: "http://localhost:1", KEPT: "http://localhost:2"}}}',
      files: {},
      template: 'shop',
      version: '1.0',
    });
    const codes = (changes: readonly Amendment[]) =>
      normalise('amended', amendedSourceBytes(source(changes, base)), [web]).notices.map(
        ({ code, message }) => `${code} ${/variable (\w+)/.exec(message)?.[1] ?? ''}`,
      );
    const kept = 'loopback-address KEPT';
    expect(codes([])).toEqual([kept, 'loopback-address URL', 'variable-unset ASKED']);
    expect(codes([of('env/ASKED', 'please'), of('env/URL', 'http://web:1')])).toEqual([kept]);
  });

  it('has values that its components share', () => {
    const metadata = ramMetadata({
      key: 'shop',
      version: '1.0',
      components: [{ key: 'web', image: 'shop/web:1' }],
      more: {
        app_config_groups: [
          { name: 'all', injection_type: 'env', config_items: { TZ: 'UTC', LANG: 'C' }, component_keys: ['web'] },
        ],
      },
    });
    const amended = {
      ...source([{ item: 'group/all/TZ', value: 'CET' }]),
      base: { format: 'ram', source: JSON.stringify(metadata) },
    } as const;
    const { manifest } = normalise('amended', amendedSourceBytes(amended), [web]);
    expect(manifest).toMatchObject({
      version: '1.1',
      configGroups: [
        {
          name: 'all',
          items: [
            { name: 'LANG', value: 'C' },
            { name: 'TZ', value: 'CET' },
          ],
        },
      ],
    });
  });

  it.each([
    [of('env/LEVEL', 'debug', 'worker'), 'no such component'],
    [of('env/PASSWORD', 'hunter2'), 'made anew everywhere'],
    [of('env/A=B', 'x'), 'no container can be given it'],
    [of('file//etc/passwd', 'x'), 'no such file'],
    [of('replicas', '0'), 'a whole number'],
    [of('memory', '1e3'), 'a whole number'],
    [of('schedule', '* * * * *'), 'does not run at times'],
    [of('image', 'x'), 'no such kind of value'],
    [{ item: 'group/all/TZ', value: 'CET' }, 'no such shared value'],
  ])('is refused with %j', (change, reason) => {
    expect(thrownBy(() => made([change]))).toMatchObject({
      code: 'package-metadata-invalid',
      message: expect.stringContaining(reason) as unknown,
    });
  });
});

describe('its source', () => {
  it('is one document, read as it was written', () => {
    const written = source([of('env/B', '2'), of('env/A', '1')]);
    const read = parseAmendedSource(amendedSourceBytes(written));
    expect(read).toEqual({ ...written, changes: [of('env/A', '1'), of('env/B', '2')] });
    expect(mergedChanges(read.changes, [of('env/A', '3')])).toEqual([of('env/A', '3'), of('env/B', '2')]);
  });

  it.each([
    ['no object', '[]'],
    ['another schema', JSON.stringify({ ...source([]), schema: 2 })],
    ['a base that was amended itself', JSON.stringify({ ...source([]), base: { format: 'amended', source: '{}' } })],
    ['what is not known', JSON.stringify({ ...source([]), more: '' })],
    ['members in another order', JSON.stringify(source([]))],
  ])('is refused when it is %s', (_what, text) => {
    expect(thrownBy(() => parseAmendedSource(Buffer.from(text)))).toMatchObject({ code: 'package-metadata-invalid' });
  });
});
