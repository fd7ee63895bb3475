import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InspectedRam } from '../package.js';
import { buildImage } from '../testing/buildImage.js';
import { buildRamPackage, ramMetadata } from '../testing/buildRamPackage.js';
import { useRamStore } from '../testing/ramStore.js';

const { folder, read: imported, write: exported } = useRamStore();

const withoutFile = ({ file: _, ...rest }: InspectedRam) => ({ ...rest, source: rest.source.length });

describe('an exported package', () => {
  it.each(['1.0', '2.0'])('of the imported fixture %s is imported as the same version', async (version) => {
    const first = await imported(
      join(import.meta.dirname, `../../../test/fixtures/backend-system-${version}-ram.tar.gz`),
    );
    const path = await exported(first);
    const second = await imported(path);
    expect(second.manifestDigest).toBe(first.manifestDigest);
    expect(second.manifest).toEqual(first.manifest);
    expect(second.images.map(({ config }) => config).sort()).toEqual(first.images.map(({ config }) => config).sort());
    expect(second.notices).toEqual(first.notices);
    expect((await readFile(path)).equals(await readFile(await exported(second)))).toBe(true);
  });

  it('keeps unknown fields and images of plugins, and gives away no access to registries', async () => {
    const base = { 'etc/base': 'shared '.repeat(100) };
    const one = buildImage({ references: ['hub.example/shop/one:1'], layers: [base, { one: '1' }] });
    const plugin = buildImage({ references: ['hub.example/shop/plugin:1'], layers: [base, { plugin: '1' }] });
    const access = { hub_url: 'hub.example', hub_user: 'vendor', hub_password: 'geheim', is_trust: true };
    const metadata = {
      ...ramMetadata({
        name: 'Läden /1',
        components: [
          { key: 'one', image: 'hub.example/shop/one:1', more: { service_image: access, later_field: [1.5, 1e3] } },
        ],
      }),
      plugins: [{ plugin_key: 'p', plugin_name: 'P', share_image: 'hub.example/shop/plugin:1', plugin_image: access }],
      another_field: { kept: true },
      annotations: { describe: 'as it was' },
    };
    const before = join(folder(), 'before.tar.gz');
    await writeFile(
      before,
      await buildRamPackage({ metadata, images: [one], pluginImages: [plugin], folder: 'Läden _1-1.0-ram' }),
    );
    const first = await imported(before);
    const path = await exported(first);
    expect(path).toContain('Läden _1-1.0-ram.tar.gz');
    const second = await imported(path);
    expect(withoutFile({ ...second, source: first.source })).toEqual(withoutFile(first));
    const written = JSON.parse(Buffer.from(second.source).toString('utf8')) as Record<string, unknown>;
    expect(written).toMatchObject({
      another_field: { kept: true },
      annotations: { describe: 'as it was', waybill_manifest: first.manifestDigest },
      apps: [
        { later_field: [1.5, 1000], service_image: { hub_url: '', hub_user: '', hub_password: '', is_trust: false } },
      ],
    });
    expect(Buffer.from(second.source).toString('utf8')).not.toContain('geheim');
  });
});
