import type { ConfigGroup, HttpRoute } from '../manifest.js';
import { subjectOf, type Carrying } from './carrying.js';
import { distinct } from './distinct.js';
import type { Identities } from './identities.js';
import type { RamMetadata } from './metadata.js';
import { byText, sortableNumber, sortedTexts } from './order.js';
import { namesSecret, SECRET } from './suspicions.js';
import { tellOfText } from './tellOfText.js';

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
    for (const { name, value } of group.items)
      if (!SECRET.test(value.trim()))
        tellOfText(
          {
            subject: 'template',
            what: `The item ${name} of the config group ${group.name}`,
            text: value,
            secret: namesSecret(name, value) ? 'looks like a secret and stands' : undefined,
          },
          carrying,
        );
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

/** HTTP routes from outside, sorted by component, port, path; one that leads nowhere is carried. */
export function routesOf(metadata: RamMetadata, identities: Identities, carrying: Carrying): readonly HttpRoute[] {
  const routes = metadata.routes.flatMap((route): readonly HttpRoute[] => {
    const component = identities.resolve(route.component);
    if (component !== undefined) {
      carrying.tell(
        'route-not-applied',
        subjectOf(component),
        `The HTTP route ${route.path} to port ${route.port} is kept, but there is no gateway here yet.`,
      );
      return [{ component, port: route.port, path: route.path, settings: carrying.document(route.settings) }];
    }
    const name = `${route.component}:${route.port}${route.path}`;
    carrying.carry({ kind: 'http-route', name, content: route.source, told: false });
    carrying.tell('route-dangling', 'template', `The route ${name} leads to a component that is not in the package.`);
    return [];
  });
  const keys = (route: HttpRoute) => [route.component, sortableNumber(route.port), route.path, route.settings];
  const unique = new Map(routes.map((route) => [keys(route).join('\n'), route]));
  return [...unique.values()].sort(byText(keys));
}
