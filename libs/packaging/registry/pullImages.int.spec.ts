import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openContentStore, type ContentStore, type Staging } from '@waybill/content-store';
import { isWaybillError } from '@waybill/kernel';
import { startFront, type Front, type Handling } from '../../../test/support/registry/front.js';
import { PLAIN_LAYER, pushImage, pushIndex, type Pushed } from '../../../test/support/registry/push.js';
import {
  cleanRegistries,
  registryFolder,
  registryUser,
  startRegistry,
  type TestRegistry,
} from '../../../test/support/registry/registry.js';
import { IDENTITY, startTokenServer, type TokenServer } from '../../../test/support/registry/tokens.js';
import type { WantedImage } from '../package.js';
import { buildImage, type BuiltImage } from '../testing/index.js';
import type { Credentials } from './credentials.js';
import { pullImages } from './pullImages.js';

const base = { 'etc/base': 'base' };
const image = (name: string, more: { readonly architecture?: string } = {}) =>
  buildImage({ layers: [base, { 'bin/app': name }, { 'big.bin': randomBytes(300_000) }], ...more });
const [web, back, arm] = [image('web'), image('back'), image('web', { architecture: 'arm64' })];

let folder: string;
let registry: TestRegistry;
let tokens: TokenServer;
let pushed: Record<'web' | 'back' | 'both', Pushed>;
let root: string;
let store: ContentStore;
let staging: Staging;
const fronts: Front[] = [];

beforeAll(async () => {
  folder = await registryFolder();
  registry = await startRegistry(folder);
  tokens = await startTokenServer(folder);
  const { host } = registry;
  const one = await pushImage(host, 'shop/web', '1', web);
  const two = await pushImage(host, 'shop/web', 'arm', arm, { form: 'oci' });
  pushed = {
    web: one,
    back: await pushImage(host, 'shop/back', '1', back, { form: 'oci', layerType: PLAIN_LAYER }),
    both: await pushIndex(host, 'shop/web', 'both', [
      { ...two, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { ...one, platform: { os: 'linux', architecture: 'amd64' } },
      { ...one, platform: { os: 'unknown', architecture: 'unknown' } },
    ]),
  };
});
afterAll(async () => {
  await tokens.close();
  await cleanRegistries();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'waybill-pull-'));
  store = await openContentStore(root);
  staging = await store.stage('pull');
});
afterEach(async () => {
  for (const front of fronts.splice(0)) await front.close();
  await rm(root, { recursive: true, force: true });
});

const pull = (
  wanted: readonly WantedImage[],
  options: { readonly credentials?: Credentials; readonly onProgress?: (bytes: number) => void } = {},
) =>
  pullImages(wanted, staging, {
    access: { credentials: () => Promise.resolve(options.credentials), plain: [] },
    content: store,
    platform: () => Promise.resolve('linux/amd64'),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
const one = (name: string, host = registry.host): readonly WantedImage[] => [{ reference: `${host}/${name}` }];
const as = (built: BuiltImage, ...references: readonly string[]) => ({ ...built.packaged, references });
const front = async (handle: Handling): Promise<string> => {
  const made = await startFront(registry.host, handle);
  fronts.push(made);
  return made.host;
};

async function failure(pulling: Promise<unknown>): Promise<{ readonly code: string; readonly said: string }> {
  const error: unknown = await pulling.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (!isWaybillError(error)) throw error;
  return { code: error.code, said: `${error.message} ${JSON.stringify(error.details)}` };
}

const password: Credentials = { kind: 'password', ...registryUser };

describe('images of a registry', () => {
  it('are read in both forms, with gzipped and plain layers', async () => {
    const { host } = registry;
    const progress: number[] = [];
    const { images, digests } = await pull([...one('shop/web:1'), ...one('shop/back:1')], {
      onProgress: (bytes) => progress.push(bytes),
    });
    expect(images).toEqual([as(web, `${host}/shop/web:1`), as(back, `${host}/shop/back:1`)]);
    expect(digests).toEqual([
      { reference: `${host}/shop/web:1`, digest: pushed.web.digest },
      { reference: `${host}/shop/back:1`, digest: pushed.back.digest },
    ]);
    await staging.commit();
    for (const { diffId, tar } of [...web.layers, ...back.layers]) {
      const bytes = Buffer.concat(await (await store.readLayer(diffId)).toArray());
      expect(bytes.equals(tar)).toBe(true);
      expect((await store.layer(diffId))?.encoding).toBe('gzip');
    }
    expect(await store.hasBlob(web.id)).toBe(true);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('are found by their digest, and told once under all their names', async () => {
    const byDigest = `${registry.host}/shop/web@${pushed.web.digest}`;
    const { images } = await pull([{ reference: byDigest }, ...one('shop/web:1')]);
    expect(images).toEqual([as(web, byDigest, `${registry.host}/shop/web:1`)]);
  });

  it('are not asked for layers that are here', async () => {
    await pull(one('shop/back:1'));
    await staging.commit();
    staging = await store.stage('again');
    const before = registry.requests().length;
    const { images } = await pull(one('shop/back:1'));
    expect(images[0]?.layers).toEqual(back.packaged.layers);
    await expect
      .poll(() => registry.requests().slice(before))
      .toEqual(['GET /v2/', 'GET /v2/shop/back/manifests/1', `GET /v2/shop/back/blobs/${back.id}`]);
  });

  it('are those of the platform that is asked for, else of the engine’s', async () => {
    const reference = `${registry.host}/shop/web:both`;
    const here = await pull([{ reference }]);
    expect(here).toEqual({ images: [as(web, reference)], digests: [{ reference, digest: pushed.both.digest }] });
    const there = await pull([{ reference, platform: 'linux/arm64' }]);
    expect(there.images).toEqual([as(arm, reference)]);
    expect(await failure(pull([{ reference, platform: 'linux/s390x' }]))).toEqual({
      code: 'registry-platform-missing',
      said: expect.stringContaining('it is there for linux/arm64/v8, linux/amd64.') as unknown,
    });
  });

  it('are refused when it has none, or in another form than is read', async () => {
    expect(await failure(pull(one('shop/web:2')))).toMatchObject({ code: 'registry-image-missing' });
    await pushImage(registry.host, 'shop/zstd', '1', web, {
      form: 'oci',
      layerType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    });
    expect(await failure(pull(one('shop/zstd:1')))).toEqual({
      code: 'registry-media-type',
      said: expect.stringContaining('application/vnd.oci.image.layer.v1.tar+zstd') as unknown,
    });
    expect(await failure(pull(one('Shop/web:1')))).toMatchObject({ code: 'package-image-invalid' });
    const gone = await startFront(registry.host, (_request, response) => response.destroy());
    await gone.close();
    expect(await failure(pull(one('shop/web:1', gone.host)))).toEqual({
      code: 'registry-unreachable',
      said: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  });
});

describe('a registry that asks who it is', () => {
  it('is shown a password', async () => {
    const { host } = await startRegistry(folder, { kind: 'password' });
    const { images } = await pull(one('shop/web:1', host), { credentials: password });
    expect(images).toEqual([as(web, `${host}/shop/web:1`)]);
    expect(await failure(pull(one('shop/web:1', host)))).toMatchObject({ code: 'registry-denied' });
    const wrong = await failure(
      pull(one('shop/web:1', host), { credentials: { ...password, password: 'close sesame' } }),
    );
    expect(wrong.code).toBe('registry-denied');
    expect(wrong.said).not.toContain('sesame');
  });

  it('is shown a token that was had for a password, or for an identity token', async () => {
    const { realm, certificate, scopes } = tokens;
    const { host } = await startRegistry(folder, { kind: 'token', realm, certificate });
    for (const credentials of [password, { kind: 'identity', token: IDENTITY } as const]) {
      const { images } = await pull(one('shop/web:1', host), { credentials });
      expect(images).toEqual([as(web, `${host}/shop/web:1`)]);
    }
    expect(scopes).toEqual(['repository:shop/web:pull', 'repository:shop/web:pull']);
    expect(await failure(pull(one('shop/web:1', host)))).toMatchObject({ code: 'registry-denied' });
  });

  it('is not believed when it leads elsewhere: nobody else is shown anything', async () => {
    const shown: (string | undefined)[] = [];
    const elsewhere = await front((request, _response, pass) => {
      shown.push(request.headers.authorization);
      pass();
    });
    const guarded = await startRegistry(folder, { kind: 'password' });
    const leading = await startFront(guarded.host, (request, response, pass) => {
      if (request.url?.includes('/blobs/') !== true) pass();
      else response.writeHead(307, { location: `http://${elsewhere}${request.url}` }).end();
    });
    fronts.push(leading);
    const { images } = await pull(one('shop/web:1', leading.host), { credentials: password });
    expect(images).toEqual([as(web, `${leading.host}/shop/web:1`)]);
    expect(shown).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('is not followed to where there is no encryption', async () => {
    const host = await front((_request, response) => {
      response.writeHead(307, { location: 'http://registry.example/v2/' }).end();
    });
    expect(await failure(pull(one('shop/web:1', host)))).toEqual({
      code: 'registry-insecure',
      said: expect.stringContaining('registry.example') as unknown,
    });
  });
});

describe('what comes from a registry', () => {
  const isBlob = (url: string | undefined, built: BuiltImage) =>
    url?.includes('/blobs/') === true && !url.endsWith(built.id);

  it('goes on where the connection broke', async () => {
    let broken = 0;
    const ranges: (string | undefined)[] = [];
    const host = await front((request, response, pass) => {
      if (isBlob(request.url, web)) ranges.push(request.headers.range);
      pass((answer, out) => {
        if (Number(answer.headers['content-length']) < 100_000 || broken++ > 0) answer.pipe(out);
        else answer.once('data', (chunk: Buffer) => out.write(chunk, () => response.destroy()));
      });
    });
    const { images } = await pull(one('shop/web:1', host));
    expect(images).toEqual([as(web, `${host}/shop/web:1`)]);
    expect(ranges.filter((range) => range !== undefined)).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  it('is given up when it breaks again and again', async () => {
    const host = await front((request, response, pass) => (isBlob(request.url, web) ? response.destroy() : pass()));
    expect(await failure(pull(one('shop/web:1', host)))).toMatchObject({ code: 'registry-unreachable' });
  });

  it('is refused when a manifest or a layer is not what it was asked for by', async () => {
    const changed = (which: (url: string) => boolean) =>
      front((request, _response, pass) =>
        pass(
          which(request.url ?? '')
            ? (answer, out) => {
                answer.once('data', (chunk: Buffer) => {
                  chunk[chunk.length - 3] = (chunk[chunk.length - 3] ?? 0) ^ 0x20;
                  out.write(chunk);
                  answer.pipe(out);
                });
              }
            : undefined,
        ),
      );
    const manifest = await changed((url) => url.includes('/manifests/'));
    expect(await failure(pull(one(`shop/web@${pushed.web.digest}`, manifest)))).toMatchObject({
      code: 'registry-digest-differs',
    });
    const layer = await changed((url) => isBlob(url, back));
    expect(await failure(pull(one('shop/back:1', layer)))).toMatchObject({ code: 'registry-digest-differs' });
  });

  it('is refused when a layer is not what the configuration says', async () => {
    const lying = { ...web, layers: back.layers };
    await pushImage(registry.host, 'shop/lying', '1', lying);
    expect(await failure(pull(one('shop/lying:1')))).toMatchObject({ code: 'package-layer-mismatch' });
  });
});
