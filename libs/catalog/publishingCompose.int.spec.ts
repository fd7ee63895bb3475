import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { templateKey, type InstanceId } from '@waybill/kernel';
import { parseAmendedSource, parseComposeSource, type Manifest } from '@waybill/packaging';
import { buildImage, buildImageArchive } from '@waybill/packaging/testing';
import { ChangeStanding, PublishVersion, RequestExport } from './app/commands.js';
import { exportIdOf, exportStream } from './domain/streams.js';
import { ListVersions } from './read/queries.js';
import { next, useSite } from './testing/useSite.js';

const { contentFiles, disk, site, staged } = useSite();

const web = buildImage({ references: ['shop/web:1'], layers: [{ 'bin/web': 'web' }] });
const compose = 'services: {web: {image: "shop/web:1", ports: ["8080:80"], env_file: web.env}}';
const instance = { id: '6f1c1f6a-3f0e-5d2b-9a58-0c9f3f8f0b11' as InstanceId, name: 'shop-dev' };
const request = async (more: { readonly version?: string; readonly compose?: string } = {}) => {
  const path = join(disk().packages, 'images.tar');
  await writeFile(path, buildImageArchive({ images: [web] }));
  return {
    source: { format: 'compose' as const, compose: more.compose ?? compose, files: { 'web.env': 'LEVEL=info' } },
    images: [{ kind: 'path' as const, path }],
    template: 'shop',
    version: more.version ?? '1.0',
  };
};

describe('publishing a Compose file', () => {
  it('puts the version into the catalog, its source with the images fixed by digest beside it', async () => {
    const published = await site().run(new PublishVersion(await request(), next()));
    expect(published).toMatchObject({
      template: 'shop',
      version: '1.0',
      outcome: 'published',
      notices: [{ code: 'port-fixed' }, { code: 'port-published' }],
    });
    await site().caughtUp();
    const [entry] = (await site().ask(new ListVersions('shop'))).items;
    expect(entry).toMatchObject({ manifest: published.manifest, components: 1, images: [{ config: web.id }] });
    const events = await site().events('template-shop');
    const added = events.at(-1)?.data as { source: never; sourceFormat: string };
    expect(added.sourceFormat).toBe('compose');
    expect(parseComposeSource(await site().deps.documents.get(added.source))).toEqual({
      schema: 1,
      compose,
      files: { 'web.env': 'LEVEL=info' },
      template: 'shop',
      version: '1.0',
      images: { 'shop/web:1': web.id },
    });
    expect(await staged()).toStrictEqual([]);
  });

  it('says what the version before said otherwise, in a dry run too', async () => {
    await site().run(new PublishVersion(await request(), next()));
    const changed = await request({ version: '1.1', compose: compose.replace('8080:80', '8081') });
    const checked = await site().run(new PublishVersion(changed, { ...next(), dryRun: true }));
    expect(checked).toMatchObject({
      outcome: 'checked',
      difference: { from: '1.0', changes: { components: [{ key: 'web', kind: 'changed' }] } },
    });
  });

  it('refuses what cannot be carried, and stores nothing', async () => {
    const asked = await request({ compose: compose.replace('env_file', 'privileged: true, env_file') });
    await expect(site().run(new PublishVersion(asked, next()))).rejects.toMatchObject({ code: 'compose-refused' });
    expect(await contentFiles()).toStrictEqual([]);
  });

  it('is not exported in the format of the reference system, nor is what ran of it, and no export is begun', async () => {
    await site().run(new PublishVersion(await request(), next()));
    const amended = {
      format: 'amended',
      template: templateKey('shop'),
      version: '1.0',
      changes: [],
      instance,
    } as const;
    await site().run(new PublishVersion({ source: amended, images: [], version: '1.1' }, next()));
    for (const [version, source] of [
      ['1.0', 'a Compose file'],
      ['1.1', 'what ran in an instance'],
    ] as const) {
      const asked = next();
      const refused = site().run(new RequestExport({ template: 'shop', version, format: 'ram' }, asked));
      await expect(refused).rejects.toMatchObject({
        code: 'format-cannot-carry',
        message: `Version ${version} of shop cannot be exported as ram: it was published from ${source}, which that format has no place for. Export it as waybill or docker-compose.`,
      });
      expect(await site().events(exportStream(exportIdOf(asked.commandId)))).toEqual([]);
    }
  });

  it('is of the template that ran, and says so when another one is asked for', async () => {
    await site().run(new PublishVersion(await request(), next()));
    const source = { format: 'amended', template: templateKey('shop'), version: '1.0', changes: [], instance } as const;
    const other = new PublishVersion({ source, images: [], template: 'other', version: '1.1' }, next());
    await expect(site().run(other)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('shop-dev is an instance of shop;') as unknown,
    });
  });

  it('keeps its notes when it is published again, and says so, as it says that it was withdrawn', async () => {
    const again = async (notes?: string) => {
      const { notesKept, withdrawn } = await site().run(
        new PublishVersion({ ...(await request()), ...(notes === undefined ? {} : { notes }) }, next()),
      );
      return { notesKept, withdrawn };
    };
    expect(await again('First.')).toEqual({});
    expect(await again()).toEqual({});
    expect(await again('First.')).toEqual({});
    expect(await again('Second.')).toEqual({ notesKept: true });
    const change = { kind: 'withdraw', reason: 'It lost orders.' } as const;
    await site().run(new ChangeStanding({ template: 'shop', version: '1.0', change }, next()));
    expect(await again()).toEqual({ withdrawn: 'It lost orders.' });
  });

  it('names every image that was not found, and what to do', async () => {
    const two = compose.replace('{web:', '{db: {image: "postgres:16"}, web:');
    const asked = await request({ compose: two });
    const refused = (images: typeof asked.images) => site().run(new PublishVersion({ ...asked, images }, next()));
    await expect(refused([])).rejects.toMatchObject({
      code: 'images-not-found',
      details: { images: 'postgres:16, shop/web:1' },
      message: expect.stringContaining('No place was named where they are') as unknown,
    });
    await expect(refused(asked.images)).rejects.toMatchObject({
      code: 'images-not-found',
      details: { images: 'postgres:16' },
      message: expect.stringContaining('They are not to be had from: archives.') as unknown,
    });
  });

  it('asks for an origin that this server has', async () => {
    const asked = { ...(await request()), images: [{ kind: 'engine' as const }] };
    await expect(site().run(new PublishVersion(asked, next()))).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('takes a component of another version with its image, which nobody brings again, until that is withdrawn', async () => {
    await site().run(new PublishVersion(await request(), next()));
    const taking = (from: string, version = '1.0') => {
      const text = `services: {front: {x-waybill: {from: {${from}, component: web}}}}`;
      const source = { format: 'compose' as const, compose: text, files: {} };
      return site().run(new PublishVersion({ source, images: [], template: 'store', version }, next()));
    };
    const published = await taking('template: shop, version: "1.0"');
    expect(published).toMatchObject({ outcome: 'published', stored: { layers: 0 } });
    await site().caughtUp();
    const [entry] = (await site().ask(new ListVersions('store'))).items;
    expect(entry).toMatchObject({ manifest: published.manifest, components: 1, images: [{ config: web.id }] });
    await expect(taking('template: shop, version: "9"')).rejects.toMatchObject({ code: 'version-not-found' });
    await expect(taking('template: none, version: "1"')).rejects.toMatchObject({ code: 'template-not-found' });
    const change = { kind: 'withdraw', reason: 'It lost orders.' } as const;
    await site().run(new ChangeStanding({ template: 'shop', version: '1.0', change }, next()));
    const again = taking('template: shop, version: "1.0"', '2.0');
    await expect(again).rejects.toMatchObject({ code: 'version-withdrawn' });
  });

  it('goes on from a version with the values that were in effect elsewhere, and from that one again', async () => {
    const coloured = compose.replace('env_file', 'environment: {COLOUR: "${COLOUR:-blue}"}, env_file');
    await site().run(new PublishVersion(await request({ compose: coloured }), next()));
    const amended = (version: string, item: string, value: string) => ({
      format: 'amended' as const,
      template: templateKey('shop'),
      version,
      changes: [{ component: 'web', item, value }],
      instance,
    });
    const publish = (version: string, source: ReturnType<typeof amended>) =>
      site().run(new PublishVersion({ source, images: [], template: 'shop', version }, next()));
    await publish('1.1', amended('1.0', 'env/LEVEL', 'debug'));
    const second = await publish('1.2', amended('1.1', 'env/COLOUR', 'red'));
    expect(second.difference?.changes.components).toMatchObject([{ attributes: [{ item: 'env/COLOUR' }] }]);
    const { components } = await site().deps.documents.getJson<Manifest>(second.manifest);
    expect(components[0]?.env.map(({ name, value }) => [name, value])).toEqual([
      ['COLOUR', 'red'],
      ['LEVEL', 'debug'],
    ]);
    await site().caughtUp();
    const { items } = await site().ask(new ListVersions('shop'));
    expect(items.find(({ version }) => version === '1.2')?.origin).toEqual({ kind: 'published', instance });
    const added = (await site().events('template-shop')).at(-1)?.data as { source: never; sourceFormat: string };
    expect(added.sourceFormat).toBe('amended');
    expect(parseAmendedSource(await site().deps.documents.get(added.source))).toMatchObject({
      base: { format: 'compose' },
      changes: [{ item: 'env/COLOUR' }, { item: 'env/LEVEL' }],
    });
  });
});
