import { describe, expect, it } from 'vitest';
import { contentOf } from './contentOf.js';
import { diffManifests } from './diffManifests.js';
import { component as aComponent, env, manifest } from '@waybill/packaging/testing';
import { aDigest } from './testing/samples.js';

/** One whose images share their lowest layer. */
const component = (key: string, more: Parameters<typeof aComponent>[1] = {}) =>
  aComponent(key, {
    name: key.toUpperCase(),
    image: {
      config: aDigest(key),
      diffIds: [aDigest('base'), aDigest(`${key} layer`)],
      os: 'linux',
      architecture: 'amd64',
    },
    ...more,
  });
const port = { port: 80, protocol: 'http', alias: 'WEB', published: true } as const;

describe('the difference of two manifests', () => {
  it('is empty when they differ in their number only', () => {
    const same = [component('web', { env: [env('A', '1')] })];
    expect(diffManifests(manifest('1.0', same), manifest('2.0', same))).toStrictEqual({ template: [], components: [] });
  });

  it('lists what was added, removed and changed, with before and after', () => {
    const before = component('web', { env: [env('A', '1'), env('B', '2')], dependencies: ['db'], command: 'run' });
    const after = component('web', { env: [env('A', '9'), env('C', '3')], ports: [port], command: 'run' });
    expect(diffManifests(manifest('1.0', [before]), manifest('2.0', [after]))).toStrictEqual({
      template: [],
      components: [
        {
          key: 'web',
          name: 'WEB',
          kind: 'changed',
          attributes: [
            { item: 'dependencies/db', kind: 'removed', before: 'db' },
            { item: 'env/A', kind: 'changed', before: env('A', '1'), after: env('A', '9') },
            { item: 'env/B', kind: 'removed', before: env('B', '2') },
            { item: 'env/C', kind: 'added', after: env('C', '3') },
            { item: 'ports/80/http', kind: 'added', after: port },
          ],
        },
      ],
    });
  });

  it('tells new, removed and changed components apart by their key alone', () => {
    const image = { ...component('web').image!, config: aDigest('web 2') };
    const { components } = diffManifests(
      manifest('1.0', [component('old'), component('web')]),
      manifest('2.0', [component('new', { name: 'OLD' }), component('web', { image, name: 'Front' })]),
    );
    expect(components.map(({ key, kind }) => [key, kind])).toStrictEqual([
      ['new', 'added'],
      ['old', 'removed'],
      ['web', 'changed'],
    ]);
    expect(components[2]).toStrictEqual({
      key: 'web',
      name: 'Front',
      kind: 'changed',
      attributes: [
        { item: 'image', kind: 'changed', before: component('web').image, after: image },
        { item: 'name', kind: 'changed', before: 'WEB', after: 'Front' },
      ],
    });
    expect(components[0]?.attributes.every(({ kind }) => kind === 'added')).toBe(true);
  });

  it('covers what belongs to the template as a whole', () => {
    const settings = aDigest('settings');
    const after = manifest('2.0', [], {
      template: { ...manifest('2.0', []).template, name: 'Store' },
      configGroups: [{ name: 'common', items: [], components: [] }],
      routes: [{ component: 'web', port: 80, path: '/', settings }],
      carried: [{ kind: 'plugin', name: 'mesh', content: settings }],
    });
    expect(diffManifests(manifest('1.0', []), after).template.map(({ item, kind }) => [item, kind])).toStrictEqual([
      ['carried/plugin/mesh', 'added'],
      ['config-groups/common', 'added'],
      ['name', 'changed'],
      ['routes/web/80/', 'added'],
    ]);
  });

  it('hides nothing when one name stands twice', () => {
    const { components } = diffManifests(
      manifest('1.0', [component('web', { env: [env('A', '1')] })]),
      manifest('1.0', [component('web', { env: [env('A', '1'), env('A', '2')] })]),
    );
    expect(components[0]?.attributes).toStrictEqual([{ item: 'env/A#2', kind: 'added', after: env('A', '2') }]);
  });
});

describe('the content of a manifest', () => {
  it('is each layer and each image configuration once', () => {
    const components = [component('a'), component('b'), component('elsewhere')].map((each) => {
      if (each.key !== 'elsewhere') return each;
      const { image: _image, ...external } = each;
      return external;
    });
    expect(contentOf({ components })).toStrictEqual({
      layers: [aDigest('base'), aDigest('a layer'), aDigest('b layer')].sort(),
      blobs: [aDigest('a'), aDigest('b')].sort(),
    });
  });
});
