import { describe, expect, it } from 'vitest';
import { normalise } from '../normalise.js';
import { imageCalled } from '../testing/buildImage.js';
import { ramMetadata } from '../testing/buildRamPackage.js';
import { composeNeeds } from './composeNeeds.js';
import { composeSourceBytes, type ComposeSource } from './source.js';
import { thrownBy } from './testing.js';

const [web, db] = [imageCalled('shop/web:1'), imageCalled('vendor/mysql:8')];
const vendorWith = (mysql: object = {}, other: object = {}) =>
  ramMetadata({
    key: 'vendor',
    version: '3.0',
    components: [
      {
        key: 'mysql',
        image: 'vendor/mysql:8',
        ports: [3306],
        connection: { MYSQL_PASS: '**None:db**' },
        env: { CHARSET: 'utf8mb4' },
        dependsOn: ['other'],
        more: { component_monitors: [{ name: 'scrape', port: 9104 }], ...mysql },
      },
      { key: 'other', image: 'vendor/other:1', more: { ...other } },
    ],
    more: {
      app_config_groups: [
        {
          name: 'all',
          injection_type: 'env',
          config_items: { TZ: 'UTC', CHARSET: 'latin1' },
          component_keys: ['mysql'],
        },
      ],
    },
  });
const vendor = vendorWith();
const COMPOSE = `
x-waybill: {notes: The first one.}
services:
  web: {image: "shop/web:1", depends_on: [db]}
  db: {x-waybill: {key: database, from: {template: vendor, version: "3.0", component: mysql}}}
`;
const taken = { format: 'ram', source: JSON.stringify(vendor), image: db.config } as const;
const source = (parts: Partial<ComposeSource> = {}): ComposeSource => ({
  schema: 1,
  compose: COMPOSE,
  files: {},
  template: 'shop',
  version: '1.0',
  taken: { db: taken },
  ...parts,
});
const made = (from: ComposeSource) => normalise('compose', composeSourceBytes(from), [web, { ...db, references: [] }]);
const refusal = (from: ComposeSource) =>
  thrownBy(() => made(from)) as { readonly code: string; readonly message: string };

describe('a component of another version', () => {
  it('is asked for by the file, and needs no image of its own', () => {
    expect(composeNeeds(source())).toEqual({
      images: [{ reference: 'shop/web:1' }],
      components: [{ service: 'db', from: { template: 'vendor', version: '3.0', component: 'mysql' } }],
      notes: 'The first one.',
    });
  });

  it('is what it was, under the key and name that the file gives it', () => {
    const { manifest, documents, notices } = made(source());
    const original = normalise('ram', Buffer.from(JSON.stringify(vendor)), [db, imageCalled('vendor/other:1')]);
    const mysql = original.manifest.components.find(({ key }) => key === 'mysql');
    expect(manifest.components[0]).toEqual({
      ...mysql,
      key: 'database',
      aliases: [],
      hostHint: 'db',
      dependencies: [],
      env: [...(mysql?.env ?? []), { name: 'TZ', value: 'UTC', scope: 'own', editable: true }],
    });
    expect(manifest.components[1]).toMatchObject({ key: 'web', dependencies: ['database'] });
    const carried = original.manifest.carried.filter(({ component }) => component === 'mysql');
    expect(carried.length).toBeGreaterThan(0);
    expect(manifest.carried).toEqual(carried.map((part) => ({ ...part, component: 'database' })));
    for (const { content } of carried) expect(documents.get(content)).toEqual(original.documents.get(content));
    expect(notices.map(({ code, subject }) => `${code} ${subject}`)).toContain('part-carried component:database');
  });

  it('may be taken from a version that took it itself', () => {
    const again = source({
      compose: COMPOSE.replace('vendor, version: "3.0", component: mysql', 'shop, version: "1.0", component: database'),
      taken: {
        db: { format: 'compose', source: Buffer.from(composeSourceBytes(source())).toString('utf8'), image: db.config },
      },
    });
    expect(made(again).manifest.components).toEqual(made(source()).manifest.components);
  });

  it.each([
    ['what is not there', source({ taken: {} }), 'was not found'],
    ['no component of it', source({ compose: COMPOSE.replace('mysql', 'oracle') }), 'has no component oracle'],
    ['no image of it', source({ taken: { db: { format: 'ram', source: taken.source } } }), 'its image was not given'],
    [
      'more than it may say',
      source({ compose: COMPOSE.replace('db: {', 'db: {ports: ["3306"], ') }),
      '/services/db/ports',
    ],
    ['half a name', source({ compose: COMPOSE.replace(', component: mysql', '') }), 'template, version and component'],
  ])('is refused: %s', (_what, from, reason) => {
    expect(refusal(from)).toMatchObject({
      code: 'compose-refused',
      message: expect.stringContaining(reason) as unknown,
    });
  });

  it('cannot be one that stands on volumes of others', () => {
    const mounting = vendorWith(
      { mnt_relation_list: [{ service_share_uuid: 'other', mnt_name: 'data', mnt_dir: '/data' }] },
      { service_volume_map_list: [{ volume_name: 'data', volume_path: '/d', volume_type: 'share-file' }] },
    );
    expect(refusal(source({ taken: { db: { ...taken, source: JSON.stringify(mounting) } } })).message).toContain(
      'mounts volumes',
    );
  });
});
