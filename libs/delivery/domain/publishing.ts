import { kindOf, nameOf, replicasOf, type DesiredComponent, type Item, type PortValue } from './desired.js';
import type { PublishValue } from './desired.js';
import { itemOf, type Surroundings } from './draft.js';
import type { PlanItem } from './plan.js';

type Component = Omit<DesiredComponent, 'items'>;
type Items = Record<string, Item>;

/** Gives every replica a port of the host for every port that is published, and takes those of replicas that are no more. */
export function publishPorts(
  items: Items,
  component: Component,
  { freePort }: Pick<Surroundings, 'freePort'>,
  told: PlanItem[],
): void {
  const replicas = replicasOf({ items });
  const protocolOf = (containerPort: number) =>
    (items[`port/${containerPort}`]?.value as PortValue | undefined)?.protocol === 'udp' ? 'udp' : 'tcp';
  const assign = (containerPort: number, replica: number) => {
    const path = publishPath(containerPort, replica);
    if (items[path] !== undefined) return;
    const protocol = protocolOf(containerPort);
    const value = { hostPort: freePort(component.key, containerPort, protocol), protocol } as const;
    items[path] = { value, origin: { kind: 'assigned' } };
    told.push(assigned(component, path, value, replica));
  };
  for (const [path, item] of Object.entries(items))
    if (kindOf(path) === 'port' && (item.value as PortValue).published) assign(Number(nameOf(path)), 0);
  for (const [path, item] of Object.entries(items)) {
    if (kindOf(path) !== 'publish') continue;
    const [containerPort, replica] = nameOf(path).split('/').map(Number);
    if (containerPort === undefined) continue;
    const isOpen = (items[publishPath(containerPort, 0)]?.value ?? false) !== false;
    if (replica !== undefined && (!isOpen || replica >= replicas)) withdraw(items, component, path, item, told);
    if (replica === undefined && isOpen) for (let next = 1; next < replicas; next += 1) assign(containerPort, next);
  }
}

/** `publish/80` is the first replica's, `publish/80/1` the second's. */
const publishPath = (containerPort: number, replica: number): string =>
  replica === 0 ? `publish/${containerPort}` : `publish/${containerPort}/${replica}`;

const assigned = (component: Component, path: string, value: PublishValue, replica: number): PlanItem =>
  itemOf(component, path, {
    verdict: 'change',
    action: 'add',
    after: value,
    rule: 'assigned-here',
    reason:
      replica === 0
        ? 'a free port of the host was chosen'
        : `a free port of the host was chosen for replica ${replica + 1}, which answers there itself`,
    acceptable: false,
  });

function withdraw(items: Items, component: Component, path: string, item: Item, told: PlanItem[]): void {
  Reflect.deleteProperty(items, path);
  told.push(
    itemOf(component, path, {
      verdict: 'change',
      action: 'remove',
      before: item.value,
      setBy: item.origin,
      rule: 'assigned-here',
      reason: 'there is no such replica any longer',
      acceptable: false,
    }),
  );
}
