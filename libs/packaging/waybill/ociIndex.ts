import { canonicalJson, sha256, type CanonicalValue, type Digest } from '@waybill/kernel';
import type { StoredLayer } from '@waybill/content-store';
import type { DescribedImage } from './description.js';
import { blobName } from './names.js';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** What makes a package an OCI image layout and something `docker load` takes. */
export interface OciFiles {
  readonly layout: Uint8Array;
  readonly index: Uint8Array;
  readonly dockerManifest: Uint8Array;
  /** Image manifests by digest. */
  readonly manifests: ReadonlyMap<Digest, Uint8Array>;
}

/** `stored` has every layer that the package holds; one that is left out is named by its uncompressed bytes. */
export function ociFiles(
  images: readonly (DescribedImage & { readonly configSize: number })[],
  stored: ReadonlyMap<Digest, StoredLayer>,
): OciFiles {
  const written = images.map((image) => {
    const layers = image.layers.map((layer) => descriptor(layer, stored.get(layer.diffId)));
    const manifest = bytesOf({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, digest: image.config, size: image.configSize },
      layers,
    });
    return { image, layers, manifest, digest: sha256(manifest) };
  });
  return {
    layout: bytesOf({ imageLayoutVersion: '1.0.0' }),
    index: bytesOf({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: written.flatMap(({ image, manifest, digest }) =>
        namesOf(image).map((annotations) => ({
          mediaType: MANIFEST,
          digest,
          size: manifest.length,
          platform: { architecture: image.architecture, os: image.os },
          ...annotations,
        })),
      ),
    }),
    dockerManifest: bytesOf(
      written.map(({ image, layers }) => ({
        Config: blobName(image.config),
        RepoTags: image.references,
        Layers: layers.map(({ digest }) => blobName(digest)),
      })),
    ),
    manifests: new Map(written.map(({ digest, manifest }) => [digest, manifest])),
  };
}

function descriptor({ diffId, size }: DescribedImage['layers'][number], layer: StoredLayer | undefined) {
  if (layer?.encoding !== 'gzip') return { mediaType: LAYER, digest: diffId, size };
  return { mediaType: `${LAYER}+gzip`, digest: layer.storedDigest, size: layer.storedSize };
}

/** An image known by several names stands in the index once for each. */
function namesOf({ references }: DescribedImage) {
  if (references.length === 0) return [{}];
  return references.map((reference) => ({
    annotations: { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': reference },
  }));
}

const bytesOf = (value: CanonicalValue): Buffer => Buffer.from(canonicalJson(value));
