import type { PackagedImage } from '../package.js';
import { fullReference, parseImageReference, shortReferences } from './imageReference.js';

/** `exact`: as written; `equivalent`: another spelling of the same reference; `short-name`: as packages before 5.3 name it. */
export interface FoundImage {
  readonly image: PackagedImage;
  readonly rule: 'exact' | 'equivalent' | 'short-name';
  /** As the archive writes it. */
  readonly reference: string;
}

/** Finds the image that the metadata means in the archive. `undefined`: there is none, or more than one could be meant. */
export function findImage(wanted: string, images: readonly PackagedImage[]): FoundImage | undefined {
  const known = images.flatMap((image) => image.references.map((reference) => ({ image, reference })));
  const pick = (rule: FoundImage['rule'], matches: (reference: string) => boolean): FoundImage | undefined => {
    const found = known.filter(({ reference }) => matches(reference));
    const [first] = found;
    const unambiguous = first !== undefined && found.every(({ image }) => image.config === first.image.config);
    return unambiguous ? { ...first, rule } : undefined;
  };
  const parsed = parseImageReference(wanted);
  return (
    pick('exact', (reference) => reference === wanted) ??
    (parsed && pick('equivalent', (reference) => written(reference) === fullReference(parsed))) ??
    (parsed && pickShort(shortReferences(parsed), pick))
  );
}

function pickShort(
  names: readonly string[],
  pick: (rule: 'short-name', matches: (reference: string) => boolean) => FoundImage | undefined,
): FoundImage | undefined {
  for (const name of names) {
    const found = pick('short-name', (reference) => written(reference) === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function written(reference: string): string | undefined {
  const parsed = parseImageReference(reference);
  return parsed && fullReference(parsed);
}
