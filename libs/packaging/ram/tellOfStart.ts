import type { ManifestComponent } from '../manifest.js';
import { cannotStart } from '../running/cannotStart.js';
import { templateItems } from '../running/templateItems.js';
import { subjectOf, type Carrying } from './carrying.js';

/** Tells of what no engine will start, which the sender can still put right. */
export function tellOfStart(component: ManifestComponent, carrying: Carrying): void {
  const items = templateItems(component, { components: [], configGroups: [] });
  const plain = Object.fromEntries(Object.entries(items).map(([path, value]) => [path, { value }]));
  for (const why of cannotStart({ items: plain }))
    carrying.tell('cannot-start', subjectOf(component.key), `It cannot start: ${why}.`);
}
