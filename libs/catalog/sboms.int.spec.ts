import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openContentStore } from '@waybill/content-store';
import { sha256 } from '@waybill/kernel';
import { checkSbom, CYCLONEDX, readPackage, rootChain, type WaybillContent } from '@waybill/packaging';
import {
  buildImage,
  buildWaybillPackage,
  ramMetadata,
  testPublisher,
  type WaybillPackageDescription,
} from '@waybill/packaging/testing';
import {
  AddPublisher,
  AttachSbom,
  ChangeStanding,
  CollectContent,
  RequestExport,
  RequestImport,
} from './app/commands.js';
import { FindExportedPackage, GetVersion, ReadSbom } from './read/queries.js';
import { failure, key, next, useSite } from './testing/useSite.js';

const { contentFiles, disk, importFile, site, types } = useSite();

const sbomOf = (name: string) =>
  Buffer.from(
    `{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "${name}"}]}\n`,
  );
const attach = (image: string, bytes: Uint8Array, version = '1.0') =>
  site().run(new AttachSbom({ template: key, version, image, bytes }, next()));
const details = async (template: string = key) => {
  await site().caughtUp();
  return site().ask(new GetVersion(template, '1.0'));
};

describe('a bill of materials', () => {
  it('is attached to an image by any of its names, once, and leaves the version what it is', async () => {
    await importFile('1.0.tar.gz');
    const before = await details();
    const [image] = before.images;
    const component = before.manifest.components.find((one) => one.image?.config === image?.config);
    const bytes = sbomOf('musl');
    const first = await attach(component?.key ?? '', bytes);
    expect(first).toMatchObject({ image: image?.config, digest: sha256(bytes), mediaType: CYCLONEDX, changed: true });
    expect((await attach(image?.config.slice(0, 'sha256:'.length + 12) ?? '', bytes)).changed).toBe(false);
    await attach(component?.name ?? '', sbomOf('busybox'));
    const after = await details();
    expect(after.manifestDigest).toBe(before.manifestDigest);
    expect(after.images[0]?.sboms.map(({ digest, size }) => [digest, size]).sort()).toEqual(
      [bytes, sbomOf('busybox')].map((one) => [sha256(one), one.length]).sort(),
    );
    expect(await site().ask(new ReadSbom(key, '1.0', sha256(bytes)))).toEqual(bytes);
    await expect(site().ask(new ReadSbom(key, '1.0', image?.config ?? ''))).rejects.toEqual(failure('sbom-not-found'));
    expect((await types(`template-${key}`)).filter((type) => type === 'sbom-attached.v1')).toHaveLength(2);
  });

  it.each<[string, string, string, Uint8Array]>([
    ['no JSON', 'sbom-invalid', 'web', Buffer.from('<bom/>')],
    [
      'a member that stands twice',
      'sbom-invalid',
      'web',
      Buffer.from('{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}'),
    ],
    ['another kind', 'sbom-invalid', 'web', Buffer.from('{"spdxVersion":"SPDX-2.3"}')],
    [
      'no version of the specification',
      'sbom-invalid',
      'web',
      Buffer.from('{"bomFormat":"CycloneDX","specVersion":"9"}'),
    ],
    ['a list', 'sbom-invalid', 'web', Buffer.from('[]')],
    ['more than is read', 'package-limit-exceeded', 'web', Buffer.alloc(8 * 1024 ** 2 + 1, ' ')],
    ['no image of the version', 'image-not-found', 'another', sbomOf('musl')],
  ])('that is of %s is refused, and leaves nothing', async (_, code, image, bytes) => {
    await importFile('1.0.tar.gz');
    const before = await contentFiles();
    await expect(attach(image, bytes)).rejects.toEqual(failure(code));
    expect(await contentFiles()).toEqual(before);
    expect(await types(`template-${key}`)).not.toContain('sbom-attached.v1');
  });

  it('is carried by every package, stays while its version is on offer, and is collected with it', async () => {
    await importFile('1.0.tar.gz');
    const bytes = sbomOf('musl');
    const { image } = await attach('web', bytes);
    expect((await site().run(new CollectContent({}, next()))).outcome).toBe('nothing');
    const { export: id } = await site().run(
      new RequestExport({ template: key, version: '1.0', format: 'waybill' }, next()),
    );
    await site().exporting.whenAtRest(id);
    const { path } = await site().ask(new FindExportedPackage(id));
    const staging = await (await openContentStore(join(disk().root, 'elsewhere'))).stage('read');
    const found = await readPackage({ path }, staging);
    const described = found.format === 'waybill' ? found.description.images : [];
    expect(described.filter(({ sboms }) => sboms.length > 0)).toMatchObject([
      { config: image, sboms: [{ digest: sha256(bytes), mediaType: CYCLONEDX, size: bytes.length }] },
    ]);
    expect(await staging.hasBlob(sha256(bytes))).toBe(true);
    const change = { kind: 'withdraw', reason: 'old' } as const;
    await site().run(new ChangeStanding({ template: key, version: '1.0', change }, next()));
    const { content } = await site().run(new CollectContent({}, next()));
    expect(content.map(({ digest }) => digest)).toContain(sha256(bytes));
    expect(await contentFiles()).toEqual([]);
  });

  it('comes in with a package, also to a version that is there, and is held against what is said of it', async () => {
    const acme = testPublisher(1);
    const built = buildImage({ references: ['demo/web:1'], layers: [{ 'web/index.html': 'one' }] });
    const bytes = sbomOf('musl');
    const metadata = {
      ...ramMetadata({ key: 'shop', components: [{ key: 'web', image: 'demo/web:1' }] }),
      group_version: '1.0',
    };
    const with_ = (content: Uint8Array, said: object = {}): WaybillPackageDescription => ({
      metadata,
      images: [built],
      publisher: acme,
      mutate: (whole: WaybillContent) => ({
        ...whole,
        blobs: new Map([...whole.blobs, [sha256(content), content]]),
        description: {
          ...whole.description,
          images: whole.description.images.map((image) => ({
            ...image,
            sboms: [{ digest: sha256(content), mediaType: CYCLONEDX, size: content.length, ...said }],
          })),
        },
      }),
    });
    const end = async (asked: WaybillPackageDescription) => {
      await writeFile(join(disk().packages, 'shop.waybill'), await buildWaybillPackage(asked));
      const source = { kind: 'path', path: 'shop.waybill' } as const;
      const { import: id } = await site().run(new RequestImport({ source, confirm: true }, next()));
      const { state, failure: failed } = await site().settled(id);
      return failed?.code ?? state;
    };
    const fingerprint = rootChain(acme.roots).publisher;
    await site().run(new AddPublisher({ roots: acme.roots, fingerprint }, next()));
    expect(await end(with_(Buffer.from('{"spdxVersion":"SPDX-2.3"}')))).toBe('sbom-invalid');
    expect(await end(with_(bytes, { size: bytes.length + 1 }))).toBe('package-damaged');
    expect(await end(with_(bytes, { mediaType: 'application/spdx+json' }))).toBe('package-description-invalid');
    expect(await end({ metadata, images: [built], publisher: acme })).toBe('completed');
    expect((await details('shop')).images[0]?.sboms).toEqual([]);
    expect(await end(with_(bytes))).toBe('completed');
    expect((await details('shop')).images[0]?.sboms).toMatchObject([{ digest: sha256(bytes) }]);
    expect(await site().ask(new ReadSbom('shop', '1.0', sha256(bytes)))).toEqual(bytes);
    checkSbom(await site().ask(new ReadSbom('shop', '1.0', sha256(bytes))), 'it');
  });
});
