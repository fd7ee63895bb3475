import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { templateKey, type Digest } from '@waybill/kernel';
import { rootChain, signRoot, type WaybillContent, type WithdrawnVersion } from '@waybill/packaging';
import {
  buildImage,
  buildImageArchive,
  buildWaybillPackage,
  publisherRoot,
  ramMetadata,
  testKey,
  testPublisher,
  type TestPublisher,
  type WaybillPackageDescription,
} from '@waybill/packaging/testing';
import {
  AddPublisher,
  ConfirmImport,
  PublishVersion,
  RequestExport,
  RequestImport,
  RevokeKey,
} from './app/commands.js';
import type { ImportOptions } from './app/imports.js';
import { catalogReader } from './read/catalogReader.js';
import { FindExportedPackage, GetTrust, ListTemplates, ListVersions } from './read/queries.js';
import { failure, next, useSite } from './testing/useSite.js';

const { contentFiles, disk, site, staged, types } = useSite();

const acme = testPublisher(1);
const stranger = testPublisher(9);
const ownRoots = () => site().deps.publisher().chain;
const idOf = (publisher: TestPublisher) => rootChain(publisher.roots).publisher;
const image = (text: string) =>
  buildImage({ references: ['demo/web:1'], layers: [{ base: 'base' }, { 'web/index.html': text }] });
const [first, second] = [image('one'), image('two')];
const version = (number: string, built = first): WaybillPackageDescription => ({
  metadata: {
    ...ramMetadata({ key: 'shop', components: [{ key: 'web', image: 'demo/web:1' }] }),
    group_version: number,
  },
  images: [built],
  publisher: acme,
});

async function imported(asked: WaybillPackageDescription, options: Omit<ImportOptions, 'source'> = {}) {
  await writeFile(join(disk().packages, 'shop.waybill'), await buildWaybillPackage(asked));
  const source = { kind: 'path', path: 'shop.waybill' } as const;
  const answer = await site().run(new RequestImport({ source, confirm: true, ...options }, next()));
  return site().settled(answer.import);
}

const trust = (publisher: TestPublisher, fingerprint: string = idOf(publisher)) =>
  site().run(new AddPublisher({ roots: publisher.roots, fingerprint }, next()));
const endOf = async (asked: WaybillPackageDescription, options: Omit<ImportOptions, 'source'> = {}) => {
  const { state, failure: failed } = await imported(asked, options);
  return failed === undefined ? state : `${state}: ${failed.code}`;
};

describe('a package of the waybill format', () => {
  it('is not taken before a person has said that its publisher is to be trusted, and shows who that is', async () => {
    const refused = await imported(version('1.0'));
    expect(refused).toMatchObject({
      state: 'failed',
      failure: { code: 'publisher-unknown', details: { publisher: idOf(acme), name: 'Acme' } },
    });
    expect(await contentFiles()).toEqual([]);
    expect(await staged()).toEqual([]);

    expect(await trust(acme)).toMatchObject({ changed: true, publisher: { publisher: idOf(acme), root: 1 } });
    const waiting = await imported(version('1.0'), { confirm: false });
    expect(waiting).toMatchObject({
      state: 'inspected',
      inspection: {
        format: 'waybill',
        published: '2026-01-02T03:04:05Z',
        withdrawn: [],
        signer: {
          kind: 'signed',
          publisher: idOf(acme),
          name: 'Acme',
          root: 1,
          keys: [acme.keys[0]?.publicKey.fingerprint],
        },
      },
    });
    await site().run(new ConfirmImport({ import: waiting.id }, next()));
    expect((await site().settled(waiting.id)).state).toBe('completed');
    expect(await types('template-shop')).toEqual([
      'template-registered.v1',
      'publisher-bound.v1',
      'version-imported.v2',
    ]);
    expect(await endOf(version('2.0', second))).toBe('completed');
    expect((await types('template-shop')).slice(3)).toEqual(['version-imported.v2']);
    expect(await types('trust')).toEqual(['trust-root-added.v1']);
    expect(site().errors).toMatchObject([{ code: 'publisher-unknown' }]);
  });

  it('is known afterwards by what its source is', async () => {
    await trust(acme);
    const metadata = {
      schema: 1,
      compose: 'services: {web: {image: "demo/web:1"}}',
      files: {},
      template: 'shop',
      version: '1.0',
      images: { 'demo/web:1': first.packaged.config },
    };
    expect(await endOf({ metadata, sourceFormat: 'compose', images: [first], publisher: acme })).toBe('completed');
    const added = await site().events('template-shop');
    expect(added.at(-1)).toMatchObject({ type: 'version-imported.v2', data: { sourceFormat: 'compose' } });
  });

  it('of another publisher is refused for a template that has one', async () => {
    await trust(acme);
    await trust(stranger);
    expect(await endOf(version('1.0'))).toBe('completed');
    expect(await endOf({ ...version('2.0', second), publisher: stranger })).toBe('failed: publisher-conflict');
    expect(await endOf({ ...version('1.0'), publisher: stranger })).toBe('failed: publisher-conflict');
  });

  it('without trust is taken only when somebody accepts it by name, which is on record before it counts', async () => {
    const unsigned: WaybillPackageDescription = {
      ...version('1.0'),
      mutate: (content) => ({ ...content, keys: [], roots: [] }),
    };
    expect(await endOf(unsigned)).toBe('failed: package-unsigned');
    const other = { kind: 'publisher', publisher: idOf(stranger) } as const;
    expect(await endOf(unsigned, { accept: other })).toBe('failed: package-unsigned');
    expect(await endOf(version('1.0'), { accept: other })).toBe('failed: publisher-unknown');
    const reason = { kind: 'unsigned', reason: 'the vendor has no key yet' } as const;
    expect(await endOf(version('1.0'), { accept: reason })).toBe('failed: publisher-unknown');
    expect(await types('trust')).toEqual([]);

    const accepted = await imported(unsigned, { accept: reason });
    expect(accepted).toMatchObject({ state: 'completed', inspection: { signer: { kind: 'unsigned' } } });
    const how = { at: expect.any(String) as string, by: { id: 'li', kind: 'person', role: 'operator', name: 'Li Na' } };
    const acceptedFor = { ...reason, ...how };
    expect(accepted.accepted).toEqual(acceptedFor);
    const [event] = await site().events('trust');
    expect(event).toMatchObject({
      type: 'unsigned-package-accepted.v1',
      data: { import: accepted.id, file: accepted.inspection?.file.digest, reason: reason.reason },
      metadata: { actor: { id: 'li' } },
    });
    const inspected = (await site().events(accepted.operation)).find(({ type }) => type === 'package-inspected.v1');
    expect(event!.position).toBeLessThan(inspected!.position);

    const own = { kind: 'publisher', publisher: idOf(acme) } as const;
    expect(await endOf(version('2.0', second), { accept: own })).toBe('completed');
    expect(await types('trust')).toEqual(['unsigned-package-accepted.v1', 'publisher-accepted.v1']);
    await site().caughtUp();
    const { items } = await site().ask(new ListVersions('shop'));
    const byPublisher = { kind: 'publisher', publisher: idOf(acme), name: 'Acme', ...how };
    expect(items.map(({ origin }) => origin.kind === 'imported' && [origin.publisher, origin.accepted])).toEqual([
      [undefined, acceptedFor],
      [{ publisher: idOf(acme), name: 'Acme' }, byPublisher],
    ]);
    const trusted = await site().ask(new GetTrust());
    expect(trusted.publishers).toEqual([]);
    expect(trusted.accepted).toMatchObject([
      { template: 'shop', version: '2.0', ...byPublisher },
      { import: accepted.id, file: { name: 'shop.waybill' }, template: 'shop', version: '1.0', ...acceptedFor },
    ]);
    expect(await endOf(version('3.0', second))).toBe('failed: publisher-unknown');
  });

  it('brings newer roots of its publisher along, which revoke what was stolen', async () => {
    const [old, fresh] = [testKey(1), testKey(2)];
    const revoked = [{ key: old.publicKey.fingerprint, reason: 'stolen' }];
    const rotated: TestPublisher = {
      keys: [fresh],
      roots: [...acme.roots, signRoot(publisherRoot(2, [fresh], { revoked }), [old, fresh])],
    };
    await trust(acme);
    expect(await endOf(version('1.0'))).toBe('completed');
    expect(await endOf({ ...version('2.0', second), publisher: rotated })).toBe('completed');
    expect(await types('trust')).toEqual(['trust-root-added.v1', 'publisher-roots-advanced.v1']);
    expect((await site().ask(new GetTrust())).publishers).toMatchObject([
      { publisher: idOf(acme), root: 2, keys: [fresh.publicKey.fingerprint], revoked },
    ]);
    expect(await endOf(version('3.0', second))).toBe('refused: publisher-key-revoked');
    const parted: TestPublisher = {
      keys: [testKey(3)],
      roots: [...acme.roots, signRoot(publisherRoot(2, [testKey(3)]), [old, testKey(3)])],
    };
    expect(await endOf({ ...version('3.0', second), publisher: parted })).toBe('failed: publisher-root-conflict');
  });

  it('tells which earlier versions its publisher has withdrawn, be they here or not, and never of another’s template', async () => {
    await trust(acme);
    await trust(stranger);
    const manifests = new Map<string, Digest>();
    const noting = (asked: WaybillPackageDescription, withdrawn: readonly WithdrawnVersion[] = []) => ({
      ...asked,
      mutate: (content: WaybillContent) => {
        manifests.set(content.description.version, content.description.manifest);
        return { ...content, description: { ...content.description, withdrawn } };
      },
    });
    const withdrawal = (number: string): WithdrawnVersion => ({
      version: number,
      manifest: manifests.get(number)!,
      reason: `${number} loses orders`,
      at: '2026-02-02T00:00:00Z',
    });
    // Version 1.1 is only written here, and its package comes late.
    await buildWaybillPackage(noting(version('1.1')));
    expect(await endOf(noting(version('1.0')))).toBe('completed');
    expect(await endOf(noting(version('2.0', second), [withdrawal('1.0'), withdrawal('1.1')]))).toBe('completed');
    expect((await types('template-shop')).slice(3)).toEqual([
      'version-imported.v2',
      'version-withdrawn.v1',
      'version-withdrawn.v1',
    ]);

    const late = await imported(noting(version('1.1')), { confirm: false });
    expect(late).toMatchObject({ state: 'inspected', assessment: { withdrawn: '1.1 loses orders' } });
    await site().run(new ConfirmImport({ import: late.id }, next()));
    expect((await site().settled(late.id)).state).toBe('completed');
    await site().caughtUp();
    const { items } = await site().ask(new ListVersions('shop'));
    expect(items.map(({ version: number, withdrawn }) => [number, withdrawn?.reason, withdrawn?.by])).toEqual([
      ['1.0', '1.0 loses orders', 'publisher'],
      ['1.1', '1.1 loses orders', 'publisher'],
      ['2.0', undefined, undefined],
    ]);
    const offered = await catalogReader(site().deps).versionsOf(templateKey('shop'));
    expect(offered.map(({ version: number }) => number)).toEqual(['2.0']);

    const foreign = { ...version('1.0'), publisher: stranger };
    const other = {
      ...foreign,
      metadata: { ...(foreign.metadata as object), group_key: 'other', group_version: '9.0' },
    };
    expect(await endOf(noting(other, [withdrawal('2.0')]))).toBe('completed');
    expect((await types('template-shop')).filter((type) => type === 'version-withdrawn.v1')).toHaveLength(2);
    expect(await catalogReader(site().deps).withdrawalOf(templateKey('shop'), '2.0')).toBeUndefined();
  });

  it('binds its template and takes versions back also when its version came before, unsigned', async () => {
    await trust(acme);
    const manifests = new Map<string, Digest>();
    const unsigned = (asked: WaybillPackageDescription): WaybillPackageDescription => ({
      ...asked,
      mutate: (content) => {
        manifests.set(content.description.version, content.description.manifest);
        return { ...content, keys: [], roots: [] };
      },
    });
    const accept = { kind: 'unsigned', reason: 'it came before the vendor had a key' } as const;
    for (const asked of [version('1.0'), version('2.0', second)])
      expect(await endOf(unsigned(asked), { accept })).toBe('completed');
    const withdrawn = {
      version: '2.0',
      manifest: manifests.get('2.0')!,
      reason: 'bad schema',
      at: '2026-02-02T00:00:00Z',
    };
    const signed = await imported({
      ...version('1.0'),
      mutate: (content) => ({ ...content, description: { ...content.description, withdrawn: [withdrawn] } }),
    });
    expect(signed).toMatchObject({ state: 'completed', result: { outcome: 'already-present' } });
    expect((await site().events('template-shop')).slice(3)).toMatchObject([
      { type: 'publisher-bound.v1', data: { import: signed.id, publisher: idOf(acme), name: 'Acme' } },
      { type: 'version-withdrawn.v1', data: { version: '2.0', origin: { kind: 'package', publisher: idOf(acme) } } },
    ]);
    const byName = { kind: 'publisher', publisher: idOf(stranger) } as const;
    expect(await endOf({ ...version('3.0', second), publisher: stranger }, { accept: byName })).toBe(
      'failed: publisher-conflict',
    );
    expect(await endOf(version('3.0', second))).toBe('completed');
  });

  it('of another publisher is refused for a template that was published here, accepted by name or not, and one of here is taken', async () => {
    const { metadata } = version('1.0');
    const archive = join(disk().packages, 'images.tar');
    await writeFile(archive, buildImageArchive({ images: [first] }));
    const source = { format: 'ram', metadata: Buffer.from(JSON.stringify(metadata)) } as const;
    await site().run(new PublishVersion({ source, images: [{ kind: 'path', path: archive }] }, next()));
    await site().caughtUp();

    const accept = { kind: 'publisher', publisher: idOf(acme) } as const;
    for (const asked of [version('1.0'), version('2.0', second)])
      expect(await imported(asked, { accept })).toMatchObject({
        state: 'failed',
        failure: {
          code: 'publisher-conflict',
          details: { bound: ownRoots().publisher, boundName: 'Test site', offered: idOf(acme) },
        },
      });

    await site().run(
      new AddPublisher({ roots: site().deps.publisher().roots, fingerprint: ownRoots().publisher }, next()),
    );
    const { export: id } = await site().run(
      new RequestExport({ template: 'shop', version: '1.0', format: 'waybill' }, next()),
    );
    await site().exporting.whenAtRest(id);
    const { path } = await site().ask(new FindExportedPackage(id));
    await copyFile(path, join(disk().packages, 'own.waybill'));
    const again = await site().run(
      new RequestImport({ source: { kind: 'path', path: 'own.waybill' }, confirm: true }, next()),
    );
    expect(await site().settled(again.import)).toMatchObject({
      state: 'completed',
      result: { outcome: 'already-present' },
    });
    expect(await types('template-shop')).toEqual(['template-registered.v1', 'version-published.v3']);
  });

  it('that leaves layers out is refused with the list of those that are not here, and taken when they are', async () => {
    await trust(acme);
    const shared = second.layers[0]!.diffId;
    const delta = { ...version('2.0', second), without: new Set([shared]) };
    const refused = await imported(delta);
    expect(refused.failure).toMatchObject({
      code: 'layers-missing',
      details: { template: 'shop', version: '2.0', count: 1, layers: [shared], present: [] },
    });
    expect(await contentFiles()).toEqual([]);
    expect(await endOf(version('1.0'))).toBe('completed');
    expect(await imported(delta)).toMatchObject({ state: 'completed', stored: { layers: 1 } });
  });
});

describe('trust', () => {
  it('is given only to the publisher whose fingerprint was compared', async () => {
    await expect(trust(acme, idOf(stranger))).rejects.toStrictEqual(failure('publisher-fingerprint-differs'));
    expect(await types('trust')).toEqual([]);
    expect((await trust(acme)).changed).toBe(true);
    expect((await trust(acme)).changed).toBe(false);
  });

  it('of a key can be taken back by this site', async () => {
    await trust(acme);
    const key = acme.keys[0]!.publicKey.fingerprint;
    await site().run(new RevokeKey({ key, reason: 'a telephone call' }, next()));
    expect(await endOf(version('1.0'))).toBe('refused: publisher-key-revoked');
    const accept = { kind: 'publisher', publisher: idOf(acme) } as const;
    expect(await endOf(version('1.0'), { accept })).toBe('refused: publisher-key-revoked');
    expect((await site().ask(new GetTrust())).revoked).toEqual([{ key, reason: 'a telephone call' }]);
    expect((await site().ask(new ListTemplates())).items).toEqual([]);
  });
});
