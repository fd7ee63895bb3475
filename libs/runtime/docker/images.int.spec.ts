import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { hexOf, sha256, WaybillError, type Digest } from '@waybill/kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Runtime } from '../runtime.js';
import { busyboxImage, type MadeImage } from '../testing/busyboxImage.js';
import { dockerRuntime } from './dockerRuntime.js';
import { imageTag } from './imageName.js';

let runtime: Runtime;
const docker = new Docker();
const made: MadeImage[] = [];

/** An image of which no layer is on any engine yet. */
async function freshImage(wishes: Parameters<typeof busyboxImage>[0] = {}): Promise<MadeImage> {
  const image = await busyboxImage({ below: [{ 'own.txt': randomUUID() }], ...wishes });
  made.push(image);
  return image;
}

beforeAll(async () => {
  runtime = await dockerRuntime();
});

afterAll(async () => {
  for (const { image } of made.reverse()) {
    await docker
      .getImage(imageTag(image.config))
      .remove()
      .catch((error: unknown) => {
        if ((error as { statusCode?: number }).statusCode !== 404) throw error;
      });
  }
});

describe('an image', () => {
  test('is missing, is loaded, and is then present', async () => {
    const { image, source, sizes } = await freshImage();
    expect(await runtime.missingImages([image.config])).toEqual([image.config]);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const told: (readonly [number, number])[] = [];
    expect(
      await runtime.ensureImage(image, source, { onProgress: (sent, toSend) => told.push([sent, toSend]) }),
    ).toEqual({
      image: image.config,
      outcome: 'loaded',
      sentLayers: 3,
      sentBytes: total,
    });
    expect(told).toEqual([...told].sort(([a], [b]) => a - b));
    expect(told.at(-1)).toEqual([total, total]);
    expect(await runtime.missingImages([image.config])).toEqual([]);
    expect(await runtime.ensureImage(image, source)).toEqual({
      image: image.config,
      outcome: 'present',
      sentLayers: 0,
      sentBytes: 0,
    });
  });

  test('that shares layers with one on the engine sends only the others', async () => {
    const below = [{ 'own.txt': randomUUID() }];
    const first = await freshImage({ below, layers: [{ 'v.txt': 'one' }] });
    const second = await freshImage({ below, layers: [{ 'v.txt': 'two' }] });
    await runtime.ensureImage(first.image, first.source);
    expect(await runtime.ensureImage(second.image, second.source)).toEqual({
      image: second.image.config,
      outcome: 'loaded',
      sentLayers: 1,
      sentBytes: second.sizes.at(-1),
    });
  });

  test('that shares layers with one it was said to be like is not compared with all the others', async () => {
    const below = [{ 'own.txt': randomUUID() }];
    const [first, second, third] = [
      await freshImage({ below, layers: [{ 'v.txt': 'one' }] }),
      await freshImage({ below, layers: [{ 'v.txt': 'two' }] }),
      await freshImage({ below, layers: [{ 'v.txt': 'three' }] }),
    ];
    await runtime.ensureImage(first.image, first.source);
    const callsFor = async ({ image, source }: typeof first, alike: readonly Digest[]) => {
      let calls = 0;
      const counting = runtime.guarded(() => (calls += 1));
      expect(await counting.ensureImage(image, source, { alike })).toMatchObject({ sentLayers: 1 });
      return calls;
    };
    const known = await callsFor(second, [first.image.config]);
    // One call lists all, and one more each tells of their layers: at least of these two.
    expect(await callsFor(third, [])).toBeGreaterThanOrEqual(known - 1 + 3);
  });

  test('loaded twice at the same time is sent once', async () => {
    const { image, source } = await freshImage();
    const loads = await Promise.all([runtime.ensureImage(image, source), runtime.ensureImage(image, source)]);
    expect(loads.map(({ outcome }) => outcome).sort()).toEqual(['loaded', 'present']);
  });

  test('outlives the clearing away of unnamed images, also when it was there before us', async () => {
    const { image, source } = await freshImage();
    await runtime.ensureImage(image, source);
    await docker.getImage(image.config).tag({ repo: 'waybill.invalid/someone', tag: hexOf(image.config).slice(0, 12) });
    await docker.getImage(imageTag(image.config)).remove();
    expect((await runtime.ensureImage(image, source)).outcome).toBe('present');
    const { RepoTags } = await docker.getImage(image.config).inspect();
    expect(RepoTags).toContain(imageTag(image.config));
    await docker.getImage(`waybill.invalid/someone:${hexOf(image.config).slice(0, 12)}`).remove();
  });

  test('for another architecture is refused before anything is read or sent', async () => {
    const { image, source } = await freshImage({ architecture: 's390x' });
    const unread = { ...source, readConfig: () => Promise.reject(new Error('it was read')) };
    const { architecture } = await runtime.engine();
    await expect(runtime.ensureImage(image, unread)).rejects.toMatchObject({
      code: 'architecture-mismatch',
      details: { image: 's390x', engine: architecture },
    });
  });
});

describe('content that is not what was verified', () => {
  test('is refused when the configuration is another one', async () => {
    const { image, source } = await freshImage();
    const other = Buffer.from('{"rootfs":{"diff_ids":[]}}');
    await expect(
      runtime.ensureImage(image, { ...source, readConfig: () => Promise.resolve(other) }),
    ).rejects.toMatchObject({
      code: 'image-not-as-verified',
      details: { actual: sha256(other), expected: image.config },
    });
  });

  test('is refused when the configuration names other layers', async () => {
    const { image, source } = await freshImage();
    const fewer = { ...image, diffIds: image.diffIds.slice(1) };
    await expect(runtime.ensureImage(fewer, source)).rejects.toMatchObject({ code: 'image-not-as-verified' });
    await runtime.ensureImage(image, source);
    await expect(runtime.ensureImage(fewer, source)).rejects.toMatchObject({ code: 'image-not-as-verified' });
  });

  test('is refused by the engine when a layer has other bytes, and leaves no image', async () => {
    const { image, source } = await freshImage();
    const tampered = {
      ...source,
      readLayer: async (diffId: (typeof image.diffIds)[number]) => {
        const bytes = Buffer.concat((await source.readLayer(diffId).then((layer) => layer.toArray())) as Buffer[]);
        bytes.writeUInt8(bytes.readUInt8(600) ^ 1, 600);
        return Readable.from([bytes]);
      },
    };
    await expect(runtime.ensureImage(image, tampered)).rejects.toMatchObject({ code: 'image-load-failed' });
    expect(await runtime.missingImages([image.config])).toEqual([image.config]);
  });

  test('is refused when a layer ends early', async () => {
    const { image, source } = await freshImage();
    const short = { ...source, readLayer: () => Promise.resolve(Readable.from([Buffer.from('short')])) };
    await expect(runtime.ensureImage(image, short)).rejects.toMatchObject({ code: 'image-load-failed' });
    expect(await runtime.missingImages([image.config])).toEqual([image.config]);
  });

  test('a source that fails says why itself', async () => {
    const { image, source } = await freshImage();
    const missing = new WaybillError('blob-missing', { digest: image.config, packages: 'none' });
    await expect(runtime.ensureImage(image, { ...source, readLayer: () => Promise.reject(missing) })).rejects.toBe(
      missing,
    );
  });
});

test('layers that vanish between the look and the load are sent after all', async () => {
  const below = [{ 'own.txt': randomUUID() }];
  const base = await freshImage({ below });
  const next = await freshImage({ below, layers: [{ 'v.txt': 'two' }] });
  await runtime.ensureImage(base.image, base.source);
  let isFirst = true;
  const source = {
    ...next.source,
    readLayer: async (diffId: (typeof next.image.diffIds)[number]) => {
      if (isFirst) await docker.getImage(imageTag(base.image.config)).remove();
      isFirst = false;
      return next.source.readLayer(diffId);
    },
  };
  expect(await runtime.ensureImage(next.image, source)).toMatchObject({ outcome: 'loaded', sentLayers: 4 });
});
