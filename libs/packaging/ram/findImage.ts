import type { PackagedImage } from '../package.js';
import { fullReference, parseImageReference, shortReferences } from './imageReference.js';

/** `exact`: as written; `equivalent`: another spelling of the same reference; `short-name`: as packages before 5.3 name it. */
export interface FoundImage {
  readonly image: PackagedImage;
  readonly rule: 'exact' | 'equivalent' | 'short-name';
  /** As the archive writes it. */
  readonly reference: string;
}

/** Finds the image that the metadata means. `undefined`: the archive has none, or more than one could be meant. */
export type FindImage = (wanted: string) => FoundImage | undefined;

interface Known {
  readonly image: PackagedImage;
  readonly reference: string;
}

/** Makes the search over the images of one archive. */
export function imageFinder(images: readonly PackagedImage[]): FindImage {
  const exact = new Map<string, Known[]>();
  const inFull = new Map<string, Known[]>();
  for (const image of images)
    for (const reference of image.references) {
      const parsed = parseImageReference(reference);
      add(exact, reference, { image, reference });
      if (parsed !== undefined) add(inFull, fullReference(parsed), { image, reference });
    }

  return (wanted) => {
    const found = single(exact.get(wanted), 'exact');
    const parsed = parseImageReference(wanted);
    if (found !== undefined || parsed === undefined) return found;
    return (
      single(inFull.get(fullReference(parsed)), 'equivalent') ??
      shortReferences(parsed)
        .map((name) => single(inFull.get(name), 'short-name'))
        .find((short) => short !== undefined)
    );
  };
}

function add(index: Map<string, Known[]>, name: string, known: Known): void {
  const present = index.get(name);
  if (present === undefined) index.set(name, [known]);
  else present.push(known);
}

function single(candidates: readonly Known[] | undefined, rule: FoundImage['rule']): FoundImage | undefined {
  const first = candidates?.[0];
  if (first === undefined || candidates?.some(({ image }) => image.config !== first.image.config) === true)
    return undefined;
  return { ...first, rule };
}
