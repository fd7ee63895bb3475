import type { ConfigGroup, HttpRoute } from '../manifest.js';
import type { Carrying } from './carrying.js';
import { distinct } from './distinct.js';
import type { Identities } from './identities.js';
import type { RamMetadata } from './metadata.js';
import { byText, sortableNumber, sortedTexts } from './order.js';
import { holdsPlaceholder, loopbackIn, namesSecret } from './suspicions.js';

/** Settings shared by several components, sorted by name. */
export function configGroupsOf(
  metadata: RamMetadata,
  identities: Identities,
  carrying: Carrying,
): readonly ConfigGroup[] {
  const usable = metadata.configGroups.filter((group) => {
    if (group.injection === 'env') return true;
    carrying.carry({ kind: 'config-group', name: group.name, content: group.source });
    return false;
  });
  return distinct(usable, 'config group', undefined, ({ name }) => name, carrying).map((group) => {
    for (const { name, value } of group.items) tellOfItem(group.name, name, value, carrying);
    const components = group.componentKeys.map((reference) => {
      const key = identities.resolve(reference);
      if (key === undefined)
        carrying.tell(
          'config-group-dangling',
          'template',
          `The config group ${group.name} is for ${reference}, which is not in the package.`,
        );
      return key ?? reference;
    });
    return {
      name: group.name,
      items: group.items.filter(({ name }) => name !== '').sort(byText((item) => [item.name])),
      components: sortedTexts(components),
    };
  });
}

function tellOfItem(group: string, name: string, value: string, carrying: Carrying): void {
  const loopback = loopbackIn(value);
  if (loopback !== undefined)
    carrying.tell(
      'loopback-address',
      'template',
      `The item ${name} of the config group ${group} names ${loopback}; other components are not at that address here.`,
    );
  if (holdsPlaceholder(value))
    carrying.tell(
      'secret-embedded',
      'template',
      `The item ${name} of the config group ${group} holds a placeholder for a secret; it is taken literally.`,
    );
  else if (namesSecret(name, value))
    carrying.tell(
      'secret-in-clear',
      'template',
      `The item ${name} of the config group ${group} looks like a secret and stands in clear: whoever has the package has it.`,
    );
}

/** HTTP routes from outside, sorted by component, port, path; one that leads nowhere is carried. */
export function routesOf(metadata: RamMetadata, identities: Identities, carrying: Carrying): readonly HttpRoute[] {
  const routes = metadata.routes.flatMap((route): readonly HttpRoute[] => {
    const component = identities.resolve(route.component);
    if (component !== undefined)
      return [{ component, port: route.port, path: route.path, settings: carrying.document(route.settings) }];
    const name = `${route.component}:${route.port}${route.path}`;
    carrying.carry({ kind: 'http-route', name, content: route.source, told: false });
    carrying.tell('route-dangling', 'template', `The route ${name} leads to a component that is not in the package.`);
    return [];
  });
  const keys = (route: HttpRoute) => [route.component, sortableNumber(route.port), route.path, route.settings];
  const unique = new Map(routes.map((route) => [keys(route).join('\n'), route]));
  return [...unique.values()].sort(byText(keys));
}
