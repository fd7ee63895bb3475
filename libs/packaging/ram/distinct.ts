import { subjectOf, type Carrying } from './carrying.js';
import { sortedJson, type JsonValue } from './json.js';
import { byText } from './order.js';

/**
 * One item per key, in order of the keys. Equal items count once. Of items that differ, the one whose source sorts first is used, so that the
 * choice does not depend on the order of the file; the others are carried and told of.
 */
export function distinct<Source extends { readonly source: JsonValue }>(
  items: readonly Source[],
  what: string,
  component: string | undefined,
  keyOf: (item: Source) => string,
  carrying: Carrying,
  rankOf: (item: Source) => string = () => '',
): readonly Source[] {
  const sorted = items
    .map((item) => ({ item, text: sortedJson(item.source), key: keyOf(item), rank: rankOf(item) }))
    .sort(byText(({ key, rank, text }) => [key, rank, text]));
  const chosen: typeof sorted = [];
  for (const entry of sorted) {
    const last = chosen.at(-1);
    if (last?.key !== entry.key) {
      chosen.push(entry);
    } else if (last.text !== entry.text || last.rank !== entry.rank) {
      const name = `${what} ${entry.key}`;
      carrying.carry({
        kind: 'duplicate',
        name,
        ...(component === undefined ? {} : { component }),
        content: entry.item.source,
        told: false,
      });
      const subject = component === undefined ? 'template' : subjectOf(component);
      carrying.tell(
        'duplicate-entry',
        subject,
        `The ${name} stands there twice, with other content; one of them is used.`,
      );
    }
  }
  return chosen.map(({ item }) => item);
}
