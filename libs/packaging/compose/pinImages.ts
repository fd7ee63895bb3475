import type { Digest } from '@waybill/kernel';
import type { PackagedImage } from '../package.js';
import { imageFinder } from '../ram/findImage.js';
import { composeNeeds } from './composeNeeds.js';
import type { ComposeSource } from './source.js';

/** The source with the images fixed that its references mean now; one that is not among them stays open. */
export function pinImages(source: ComposeSource, images: readonly PackagedImage[]): ComposeSource {
  const find = imageFinder(images);
  const pins = composeNeeds(source).images.flatMap(({ reference }) => {
    const found = find(reference);
    return found === undefined ? [] : [[reference, found.image.config] as const];
  });
  return { ...source, images: Object.fromEntries(pins) };
}

/** The names under which a source knows the images it fixes; those of components from elsewhere have none. Sorted. */
export function pinnedReferences({ images = {} }: ComposeSource): ReadonlyMap<Digest, readonly string[]> {
  const named = new Map<Digest, readonly string[]>();
  for (const [reference, config] of Object.entries(images).sort(([a], [b]) => (a < b ? -1 : 1)))
    named.set(config, [...(named.get(config) ?? []), reference]);
  return named;
}
