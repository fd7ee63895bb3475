import { gzipSync } from 'node:zlib';
import { sha256, type Digest } from '@waybill/kernel';
import type { BuiltImage } from '@waybill/packaging/testing';

/** In which form an image lies in a registry. */
export type PushedForm = 'docker' | 'oci';

const TYPES = {
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    index: 'application/vnd.oci.image.index.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
} as const;
export const PLAIN_LAYER = 'application/vnd.oci.image.layer.v1.tar';

export interface Pushed {
  /** Of the manifest or index. */
  readonly digest: Digest;
  readonly size: number;
  readonly type: string;
}

/** Puts an image into a registry that asks nobody who he is; `layerType` is what its layers claim to be. */
export async function pushImage(
  host: string,
  repository: string,
  tag: string,
  image: BuiltImage,
  options: { readonly form?: PushedForm; readonly layerType?: string } = {},
): Promise<Pushed> {
  const { form = 'docker' } = options;
  const types = TYPES[form];
  const layerType = options.layerType ?? types.gzip;
  const config = await pushBlob(host, repository, image.config);
  const layers = [];
  for (const { tar } of image.layers)
    layers.push({
      mediaType: layerType,
      ...(await pushBlob(host, repository, layerType === PLAIN_LAYER ? tar : gzipSync(tar, { level: 1 }))),
    });
  return pushManifest(host, repository, tag, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, ...config },
    layers,
  });
}

/** One name for images of several platforms. */
export const pushIndex = (
  host: string,
  repository: string,
  tag: string,
  images: readonly (Pushed & { readonly platform: object })[],
  form: PushedForm = 'oci',
): Promise<Pushed> =>
  pushManifest(host, repository, tag, TYPES[form].index, {
    schemaVersion: 2,
    mediaType: TYPES[form].index,
    manifests: images.map(({ digest, size, type, platform }) => ({ mediaType: type, digest, size, platform })),
  });

async function pushManifest(
  host: string,
  repository: string,
  tag: string,
  type: string,
  manifest: object,
): Promise<Pushed> {
  const body = Buffer.from(JSON.stringify(manifest));
  const address = `http://${host}/v2/${repository}/manifests/${tag}`;
  await taken(await fetch(address, { method: 'PUT', headers: { 'content-type': type }, body }));
  return { digest: sha256(body), size: body.length, type };
}

async function pushBlob(host: string, repository: string, bytes: Uint8Array) {
  const digest = sha256(bytes);
  const begun = await taken(await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' }));
  const address = new URL(begun.headers.get('location') ?? '', `http://${host}`);
  address.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  await taken(await fetch(address, { method: 'PUT', headers, body: new Uint8Array(bytes) }));
  return { digest, size: bytes.length };
}

async function taken(response: Response): Promise<Response> {
  if (!response.ok) throw new Error(`the registry answered ${String(response.status)}: ${await response.text()}`);
  await response.body?.cancel();
  return response;
}
