import type { ConfigGroup, EnvVariable, Manifest, ManifestComponent } from '../manifest.js';
import { byText } from '../ram/order.js';
import { invalid } from '../ram/strictJson.js';
import type { Amendment } from './source.js';

/**
 * The manifest with other values.
 * @throws WaybillError `package-metadata-invalid` when a change is for what is not there, or is no value of its kind
 */
export const amend = (manifest: Manifest, changes: readonly Amendment[]): Manifest =>
  changes.reduce(
    (amended, change) => (change.component === undefined ? shared(amended, change) : own(amended, change)),
    manifest,
  );

function own(manifest: Manifest, change: Amendment): Manifest {
  const found = manifest.components.find(({ key }) => key === change.component);
  if (found === undefined) throw refused(change, 'there is no such component');
  const amended = component(found, change);
  return { ...manifest, components: manifest.components.map((each) => (each === found ? amended : each)) };
}

function component(found: ManifestComponent, change: Amendment): ManifestComponent {
  const { item, value } = change;
  const slash = item.indexOf('/');
  const [kind, name] = slash < 0 ? [item, ''] : [item.slice(0, slash), item.slice(slash + 1)];
  switch (kind) {
    case 'env':
      return { ...found, env: env(found.env, name, change) };
    case 'file': {
      if (!found.files.some(({ path }) => path === name)) throw refused(change, 'there is no such file');
      return { ...found, files: found.files.map((file) => (file.path === name ? { ...file, content: value } : file)) };
    }
    case 'memory':
      return { ...found, resources: { ...found.resources, memoryMiB: whole(change, 0) } };
    case 'cpu':
      return { ...found, resources: { ...found.resources, cpuMilli: whole(change, 0) } };
    case 'replicas': {
      const initial = whole(change, 1);
      return { ...found, replicas: { ...found.replicas, initial, max: Math.max(found.replicas.max, initial) } };
    }
    case 'schedule':
      if (found.workload.kind !== 'cron') throw refused(change, 'it does not run at times');
      return { ...found, workload: { kind: 'cron', schedule: value } };
    default:
      throw refused(change, 'there is no such kind of value');
  }
}

/** One that is not there becomes the component's own. */
function env(variables: readonly EnvVariable[], name: string, change: Amendment): readonly EnvVariable[] {
  const { value } = change;
  if (name === '' || /[=\0]/.test(name) || value.includes('\0')) throw refused(change, 'no container can be given it');
  const found = variables.find((each) => each.name === name);
  if (found?.secret !== undefined || found?.port !== undefined)
    throw refused(change, 'its value is made anew everywhere');
  if (found !== undefined) return variables.map((each) => (each === found ? { ...each, value } : each));
  const added: EnvVariable = { name, value, scope: 'own', editable: true };
  return [...variables, added].sort(byText((each) => [each.name]));
}

function shared(manifest: Manifest, change: Amendment): Manifest {
  const groups = manifest.configGroups.map((group): ConfigGroup => {
    const begin = `group/${group.name}/`;
    const name = change.item.startsWith(begin) ? change.item.slice(begin.length) : undefined;
    if (!group.items.some((each) => each.name === name)) return group;
    const items = group.items.map((each) => (each.name === name ? { ...each, value: change.value } : each));
    return { ...group, items };
  });
  if (groups.every((group, index) => group === manifest.configGroups[index]))
    throw refused(change, 'there is no such shared value');
  return { ...manifest, configGroups: groups };
}

function whole(change: Amendment, least: number): number {
  const number = /^\d{1,9}$/.test(change.value) ? Number(change.value) : NaN;
  if (number >= least) return number;
  throw refused(change, 'a whole number was expected');
}

const refused = ({ component: key = 'shared', item }: Amendment, reason: string) =>
  invalid('/changes', `${key}/${item}: ${reason}`);
