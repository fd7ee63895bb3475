import { WaybillError, type Digest } from '@waybill/kernel';
import { hostNamesOf, imageFinder, type Manifest } from '@waybill/packaging';
import type { ImageList } from '../domain/imageList.js';

/** The images of a version, and everything by which people call them. */
export interface NamedImages {
  readonly manifest: Manifest;
  readonly images: ImageList;
  /** The references that its source has for them, by configuration. */
  readonly references: ReadonlyMap<Digest, readonly string[]>;
}

/**
 * The one image of a version that is meant by the digest of its configuration (or its beginning), by a reference in any spelling, or by the key, the
 * name or the name on the network of a component that runs it.
 * @throws WaybillError `image-not-found`
 */
export function imageNamed(asked: string, { manifest, images, references }: NamedImages): Digest {
  const hosts = hostNamesOf(manifest);
  const run = manifest.components.filter(({ key, name, hostHint }) =>
    [key, name, hostHint, hosts.get(key)].includes(asked),
  );
  const byReference = imageFinder(
    images.map((image) => ({ ...image, references: references.get(image.config) ?? [] })),
  )(asked)?.image.config;
  const found = images.filter(
    ({ config }) =>
      config === asked ||
      (/^(?:sha256:)?[0-9a-f]{12,}$/.test(asked) &&
        config.replace(/^sha256:/, '').startsWith(asked.replace(/^sha256:/, ''))) ||
      config === byReference ||
      run.some(({ image }) => image?.config === config),
  );
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new WaybillError('image-not-found', {
      template: manifest.template.key,
      version: manifest.version,
      image: asked,
      images: images.map(({ config }) => namesOf(config)).join('; '),
    });
  return only.config;

  function namesOf(config: Digest): string {
    const by = manifest.components.filter(({ image }) => image?.config === config).map(({ key }) => key);
    return [references.get(config)?.[0] ?? config, ...(by.length === 0 ? [] : [`(of ${by.join(', ')})`])].join(' ');
  }
}
