import { createRequire } from 'node:module';
import type * as transliteration from 'transliteration';

/** Loaded when a name is first asked for: its tables are large, and those who only look at a package need none. */
const load = createRequire(import.meta.url);
let tables: typeof transliteration | undefined;

/** A text in Latin letters, Chinese as pinyin; whatever is not in `allowed` becomes the separator. */
export function latin(
  text: string,
  {
    separator,
    allowed,
    lowercase,
  }: { readonly separator: string; readonly allowed: string; readonly lowercase: boolean },
): string {
  tables ??= load('transliteration') as typeof transliteration;
  return tables.slugify(text, { lowercase, separator, allowedChars: allowed });
}
