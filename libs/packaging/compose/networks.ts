import { isJsonList, isJsonObject, type JsonValue } from '../ram/json.js';
import type { ManifestComponent } from '../manifest.js';
import { subjectOf } from '../ram/carrying.js';
import { sortedTexts } from '../ram/order.js';
import { unreachableByName } from '../running/aliases.js';
import { attribute, list, member, membersOf, subject, textAt, textsOf, type Reading, type Service } from './reading.js';

/** Here an instance has one network, on which each component is known by its service's name; all else is listed. */
export function networksIn(reading: Reading): void {
  const used = sortedTexts([...reading.services.values()].flatMap((service) => joinedBy(reading, service)));
  if (used.length > 1)
    reading.kept.tell(
      'networks-merged',
      'template',
      `The networks ${used.join(', ')} are one here: all components of an instance reach each other.`,
    );
  for (const service of reading.services.values()) {
    const name = textAt(reading, attribute(service, 'container_name'));
    if (name !== undefined)
      reading.kept.tell(
        'name-fixed',
        subject(service),
        `The container name ${name} is not kept: many instances may be installed side by side.`,
      );
  }
  for (const kind of ['networks', 'volumes'])
    for (const { name, value } of membersOf(reading, member({ value: reading.file, at: '' }, kind)))
      if (saysMore(value)) list(reading, undefined, `${kind} ${name}`, value);
}

/** Told once all components are there: which one has a name that two ask for follows from all of them. */
export function tellOfNames({ kept }: Reading, components: readonly ManifestComponent[]): void {
  for (const { key, hostHint = key } of unreachableByName(components))
    kept.tell(
      'name-fixed',
      subjectOf(key),
      `Nobody reaches it as ${hostHint}: another one answers to that name (capitals count for nothing on a network), or no engine takes it for one.`,
    );
}

function joinedBy(reading: Reading, service: Service): readonly string[] {
  const placed = attribute(service, 'networks');
  if (placed.value === null) return ['default'];
  if (isJsonList(placed.value)) return textsOf(reading, placed);
  return membersOf(reading, placed).map(({ name, value }) => {
    if (saysMore(value)) list(reading, service, `networks ${name}`, value);
    return name;
  });
}

const saysMore = (value: JsonValue): boolean => isJsonObject(value) && Object.keys(value).length > 0;
