import { pipeline } from 'node:stream';
import { extract } from 'tar-stream';
import { hexOf, sha256, type Digest } from '@waybill/kernel';
import { expect, test } from 'vitest';
import { busyboxImage } from '../testing/busyboxImage.js';
import { dockerArchive, ociArchive, type ImageArchive } from './imageArchive.js';

async function filesOf({ stream }: ImageArchive): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = extract();
  pipeline(stream, entries, () => undefined);
  for await (const entry of entries) {
    const pieces: Buffer[] = [];
    for await (const piece of entry) pieces.push(piece as Buffer);
    files.set(entry.header.name, Buffer.concat(pieces));
  }
  return files;
}

test('the form for the classic store names every layer and carries the wanted ones', async () => {
  const { image, source } = await busyboxImage({ layers: [{ top: 'x' }] });
  const config = await source.readConfig(image.config);
  const top = image.diffIds.at(-1)!;
  const files = await filesOf(dockerArchive(image, config, new Set([top]), source));
  expect([...files.keys()]).toEqual([`${hexOf(image.config)}.json`, 'manifest.json', `${hexOf(top)}/layer.tar`]);
  expect(JSON.parse(String(files.get('manifest.json')))).toEqual([
    {
      Config: `${hexOf(image.config)}.json`,
      RepoTags: [`waybill.invalid/image:${hexOf(image.config)}`],
      Layers: image.diffIds.map((layer) => `${hexOf(layer)}/layer.tar`),
    },
  ]);
  expect(sha256(files.get(`${hexOf(top)}/layer.tar`)!)).toBe(top);
});

test('the form for the containerd store is a complete OCI layout in which every blob has its digest for a name', async () => {
  const { image, source } = await busyboxImage({ layers: [{ top: 'x' }, { top: 'x' }] });
  const archive = await ociArchive(image, await source.readConfig(image.config), source);
  const files = await filesOf(archive);
  const blob = (digest: Digest): Buffer => files.get(`blobs/sha256/${hexOf(digest)}`)!;
  const index = JSON.parse(String(files.get('index.json'))) as { manifests: { digest: Digest; size: number }[] };
  expect(index.manifests.map(({ digest }) => digest)).toEqual([archive.manifest]);
  const manifest = JSON.parse(blob(archive.manifest!).toString()) as {
    config: { digest: Digest };
    layers: { digest: Digest; size: number }[];
  };
  expect(manifest.config.digest).toBe(image.config);
  expect(manifest.layers.map(({ digest }) => digest)).toEqual(image.diffIds);
  expect(manifest.layers.map(({ size }) => size)).toEqual(image.diffIds.map((layer) => blob(layer).length));
  const named = [...files].filter(([name]) => name.startsWith('blobs/'));
  expect(named.map(([name]) => name)).toEqual(named.map(([, bytes]) => `blobs/sha256/${hexOf(sha256(bytes))}`));
});

test('a layer that cannot be read ends the archive and is remembered as the cause', async () => {
  const { image, source } = await busyboxImage();
  const gone = new Error('gone');
  const archive = dockerArchive(image, await source.readConfig(image.config), new Set(image.diffIds), {
    ...source,
    readLayer: () => Promise.reject(gone),
  });
  await expect(filesOf(archive)).rejects.toThrow('gone');
  expect(archive.failure()).toBe(gone);
});
