import type { PackagedImage } from '../package.js';
import { imageFinder } from '../ram/findImage.js';
import { composeImages } from './normaliseCompose.js';
import type { ComposeSource } from './source.js';

/** The source with the images fixed that its references mean now; one that is not among them stays open. */
export function pinImages(source: ComposeSource, images: readonly PackagedImage[]): ComposeSource {
  const find = imageFinder(images);
  const pins = composeImages(source).flatMap((reference) => {
    const found = find(reference);
    return found === undefined ? [] : [[reference, found.image.config] as const];
  });
  return { ...source, images: Object.fromEntries(pins) };
}
