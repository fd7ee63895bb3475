import { printable } from '@waybill/kernel';
import type { ComponentView, InstanceSummaryView, InstanceView, LiveComponentView } from '../api/instance.js';
import { shortDigest, timeText } from './amounts.js';
import { facts } from './facts.js';
import { shellWord } from './shellWord.js';
import { table } from './table.js';

export const instancesText = (instances: readonly InstanceSummaryView[]): string =>
  instances.length === 0
    ? 'There are no instances.\n'
    : `${table(
        ['name', 'template', 'version', 'status', 'changed', 'open record'],
        instances.map(({ name, template, version, status, changedAt, openRecord }) => [
          name,
          template.name,
          version ?? '',
          status,
          timeText(changedAt),
          openRecord ?? '',
        ]),
      )}${instances.map(withdrawnLine).join('')}`;

/** A version that is on offer no more goes on running; whoever has it should know. */
const withdrawnLine = ({ name, version, withdrawn }: Pick<InstanceView, 'name' | 'version' | 'withdrawn'>): string =>
  withdrawn === undefined
    ? ''
    : `! ${printable(`${name} runs a withdrawn version, ${version ?? ''}: ${withdrawn.reason}`)}\n`;

/** An instance with its components: what shall be, and what the engine has of it when that is known. */
export function instanceText(instance: InstanceView): string {
  const { live, components } = instance;
  const strays = (live ?? []).filter(({ condition }) => condition === 'stray');
  return [
    facts([
      ['Instance', `${instance.name} (${instance.id})`],
      ['Template', `${instance.template.name} (${instance.template.key})`],
      ['Version', instance.version ?? 'none'],
      ['Status', instance.status],
      ['At', instance.at],
      ['Open record', instance.openRecord ?? undefined],
      ['Waiting', instance.pending.length === 0 ? undefined : waitingText(instance)],
      ['Engine', instance.liveUnknown],
    ]),
    components.length === 0 ? '' : `\n${componentsTable(instance)}`,
    strays.length === 0 ? '' : `\nBeside it on the engine:\n${conditionsText(strays)}`,
    foreignText(instance),
    instance.withdrawn === undefined ? '' : `\n${withdrawnLine(instance)}`,
  ].join('');
}

/** Settings stand under the component's key; people know it by its name. */
function waitingText({ name, pending, components }: InstanceView): string {
  const items = pending.map((id) => {
    const component = components.find(({ key }) => id.startsWith(`${key}/`));
    return component === undefined ? id : `${component.host}${id.slice(component.key.length)}`;
  });
  return `${items.join(', ')} (take effect with: waybill apply ${shellWord(name)})`;
}

function componentsTable({ components, live, version }: InstanceView): string {
  const withLive = live !== undefined;
  return table(
    ['component', 'inside called', 'version', ...(withLive ? ['condition'] : []), 'image', 'ports'],
    components.map((component) => [
      component.name,
      component.host,
      component.version === version ? component.version : `${component.version} (another)`,
      ...(withLive ? [conditionOf(component, live)] : []),
      component.image === undefined ? '' : shortDigest(component.image),
      component.ports
        .map(
          ({ hostPort, containerPort, protocol, replica }) =>
            `${hostPort}→${containerPort}/${protocol}${replica === undefined ? '' : ` (replica ${replica})`}`,
        )
        .join(', '),
    ]),
  );
}

function conditionOf({ key }: ComponentView, live: readonly LiveComponentView[]): string {
  const found = live.find((one) => one.key === key && one.condition !== 'stray');
  if (found === undefined) return 'unknown';
  return found.condition === 'healthy' ? found.condition : `${found.condition}: ${found.detail}`;
}

/** A component that an upgrade left behind or a rollback left running is not of the version that the instance says. */
function foreignText({ components, version }: InstanceView): string {
  if (version === null) return '';
  const foreign = components.filter((component) => component.version !== version);
  return foreign.length === 0
    ? ''
    : `\n${foreign.map((one) => `${printable(one.name)} stays from version ${printable(one.version)}; the instance is at ${printable(version)}.\n`).join('')}`;
}

export const conditionsText = (components: readonly LiveComponentView[]): string =>
  table(
    ['component', 'condition', 'detail', 'containers'],
    components.map(({ name, condition, detail, containers }) => [
      name,
      condition,
      detail,
      containers.map((container) => container.name).join(', '),
    ]),
  );
