import fc from 'fast-check';
import { places } from './draft.js';
import { richMetadata, type Draft } from './richMetadata.js';

/** Texts that no author is expected to write. */
export const oddTexts: readonly string[] = [
  ...['', ' ', '..', '../x', '/', '/a/../b', '\0', '\n', '\u001b[31m', '\u202e', '\ufeff', '😀', '\ud800'],
  ...['**None**', '**None:x**', '${A}', '__proto__', 'constructor', 'a1', 'a1+a1', 'hub.example/ns/b2:20260101120500'],
  ...[
    'config-file',
    'cronjob',
    'daemonset',
    'http',
    'x'.repeat(5000),
    '{"schedule":"* * * * *"}',
    '1e999',
    'k'.repeat(128),
  ],
];
const oddNumbers = [0, -0, -1, 1, 80, 65535, 65536, 2 ** 31, 2 ** 31 + 1, 2 ** 53, 1e21, 0.5];
const oddValue = fc.oneof(
  fc.constantFrom<Draft>(...oddTexts),
  fc.constantFrom<Draft>(...oddNumbers),
  fc.constantFrom<Draft>(null, true, false, [], {}, [null], [[]]),
  fc.jsonValue({ maxDepth: 3 }).map((value) => value as Draft),
);

/** What is done to a place of the metadata that is drawn by lot; `other` is another place. */
export type Edit = { readonly at: number; readonly other: number; readonly value: Draft; readonly kind: number };
/** Some edits, drawn by lot. */
export const edits = fc.array(fc.record<Edit>({ at: fc.nat(), other: fc.nat(), value: oddValue, kind: fc.nat(5) }), {
  minLength: 1,
  maxLength: 6,
});

/** Rich metadata after these edits, as odd as they made it. */
export function edited(all: readonly Edit[]): Draft {
  const draft = richMetadata() as unknown as Draft;
  for (const { at, other, value, kind } of all) {
    const list = places(draft);
    const place = list[at % list.length];
    const elsewhere = list[other % list.length];
    if (place === undefined || elsewhere === undefined) return draft;
    if (kind === 0) place.remove();
    else if (kind === 1) place.put(structuredClone(elsewhere.value));
    else if (kind === 2 && Array.isArray(place.value)) place.put([...place.value, ...structuredClone(place.value)]);
    else if (kind === 3 && Array.isArray(place.value)) place.put(place.value.toReversed());
    // What is drawn is put at several places, and must not become part of itself.
    else place.put(structuredClone(value));
  }
  return draft;
}
