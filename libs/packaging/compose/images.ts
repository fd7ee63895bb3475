import { withoutUndefined } from '@waybill/kernel';
import type { ManifestImage } from '../manifest.js';
import type { PackagedImage, WantedImage } from '../package.js';
import { imageFinder, type FindImage } from '../ram/findImage.js';
import { byText } from '../ram/order.js';
import { attribute, subject, textAt, type Reading, type Service } from './reading.js';
import type { ComposeSource } from './source.js';

/** What the services run, each reference once. What is built only when it is run names none, and is refused. */
export function wantedIn(reading: Reading): readonly WantedImage[] {
  const wanted = new Map<string, WantedImage>();
  for (const service of reading.services.values()) {
    if (service.extension.from !== undefined) continue;
    const reference = referenceOf(reading, service);
    if (reference === undefined || wanted.get(reference)?.platform !== undefined) continue;
    wanted.set(reference, { reference, ...withoutUndefined({ platform: platformOf(reading, service) }) });
  }
  return [...wanted.values()].sort(byText(({ reference }) => [reference]));
}

const platformOf = (reading: Reading, service: Service) => textAt(reading, attribute(service, 'platform'));

export function referenceOf(reading: Reading, service: Service): string | undefined {
  const text = textAt(reading, attribute(service, 'image'));
  const at = `${service.at}/image`;
  // What is empty for want of a variable is told as that.
  const lacksVariable = (reading.marks.get(at)?.unset.length ?? 0) > 0;
  if ((text === undefined || text === '') && !lacksVariable)
    reading.problems.refuse(at, 'a service names its image, also where it is built from a folder');
  return text === '' ? undefined : text;
}

/** By the digest that the source fixes, else by name. */
export function pinnedFinder(source: ComposeSource, images: readonly PackagedImage[]): FindImage {
  const byName = imageFinder(images);
  return (wanted) => {
    const pin = source.images !== undefined && Object.hasOwn(source.images, wanted) ? source.images[wanted] : undefined;
    if (pin === undefined) return byName(wanted);
    const image = images.find(({ config }) => config === pin);
    return image && { image, rule: 'exact', reference: wanted };
  };
}

/** The image that a service runs; `missing` is told of the one that is not there. */
export function imageOf(
  reading: Reading,
  service: Service,
  find: FindImage,
  missing: (image: string) => void,
): ManifestImage | undefined {
  const reference = referenceOf(reading, service);
  if (reference === undefined) return undefined;
  const found = find(reference);
  if (found === undefined) {
    missing(reference);
    return undefined;
  }
  const { config, layers, os, architecture } = found.image;
  if (found.rule === 'short-name')
    reading.kept.tell(
      'image-by-equivalence',
      subject(service),
      `The image ${reference} was found as ${found.reference}.`,
    );
  const platform = platformOf(reading, service);
  if (platform !== undefined && platform.split('/').slice(0, 2).join('/') !== `${os}/${architecture}`)
    reading.kept.tell(
      'architecture-differs',
      subject(service),
      `The file says ${platform}, but the image is for ${os}/${architecture}.`,
    );
  return { config, diffIds: layers.map(({ diffId }) => diffId), os, architecture };
}
