import { isWaybillError, componentKey, templateKey, type ComponentKey } from '@waybill/kernel';
import { member, membersOf, textAt, textsOf, type Placed, type Reading } from './reading.js';
import type { ComponentSource, FileExtension, ServiceExtension } from './waybillBlock.js';

type Told = Pick<Reading, 'problems'>;
const WORKLOADS = ['service', 'stateful', 'job', 'cron'] as const;

export function fileExtension(told: Told, placed: Placed): FileExtension {
  knownOnly(told, placed, ['template', 'name', 'version', 'generate', 'notes']);
  const text = (name: string) => textAt(told, member(placed, name));
  const [template, name, version, notes] = [text('template'), text('name'), text('version'), text('notes')];
  return {
    ...(template === undefined ? {} : { template }),
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(notes === undefined ? {} : { notes }),
    generate: textsOf(told, member(placed, 'generate'), true),
  };
}

export function serviceExtension(told: Told, placed: Placed): ServiceExtension {
  knownOnly(told, placed, ['key', 'name', 'workload', 'schedule', 'change', 'offer', 'labels', 'from']);
  const at = (name: string) => member(placed, name);
  const key = keyAt(told, at('key'));
  const name = textAt(told, at('name'));
  const schedule = textAt(told, at('schedule'));
  const stated = textAt(told, at('workload'));
  const from = at('from').value === null ? undefined : componentSource(told, at('from'));
  const workload = WORKLOADS.find((known) => known === stated);
  if (stated !== undefined && workload === undefined)
    told.problems.refuse(at('workload').at, `a workload is one of ${WORKLOADS.join(', ')}`);
  if ((workload === 'cron') !== (schedule !== undefined))
    told.problems.refuse(placed.at, 'the workload cron and a schedule go together');
  return {
    ...(key === undefined ? {} : { key }),
    ...(name === undefined ? {} : { name }),
    ...(workload === undefined ? {} : { workload }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(from === undefined ? {} : { from }),
    change: new Set(textsOf(told, at('change'), true)),
    offer: new Set(textsOf(told, at('offer'), true)),
    labels: new Map(
      membersOf(told, at('labels')).flatMap((label) => {
        const text = textAt(told, label);
        return text === undefined ? [] : [[label.name, text] as const];
      }),
    ),
  };
}

/** @returns `undefined` when it was refused */
function componentSource(told: Told, placed: Placed): ComponentSource | undefined {
  knownOnly(told, placed, ['template', 'version', 'component']);
  const [template, version, component] = [
    keyAt(told, member(placed, 'template')),
    textAt(told, member(placed, 'version')),
    keyAt(told, member(placed, 'component')),
  ];
  if (template !== undefined && version !== undefined && component !== undefined)
    return { template: templateKey(template), version, component };
  told.problems.refuse(placed.at, 'a component from elsewhere is named by template, version and component');
  return undefined;
}

/** `x-waybill: {generate: NAME}` of a secret: its content is the generated value of that name. */
export function generatedSecret(told: Told, placed: Placed): string | undefined {
  knownOnly(told, placed, ['generate']);
  return textAt(told, member(placed, 'generate'));
}

/** @returns the key, or `undefined` when there is none or it was refused */
export function keyAt({ problems }: Told, { value, at }: Placed): ComponentKey | undefined {
  if (value === null) return undefined;
  try {
    return componentKey(typeof value === 'string' ? value : '');
  } catch (cause) {
    problems.refuse(at, isWaybillError(cause) ? cause.message.replace(/\.$/, '') : 'it is no key');
    return undefined;
  }
}

function knownOnly(told: Told, placed: Placed, names: readonly string[]): void {
  for (const { name, at } of membersOf(told, placed))
    if (!names.includes(name)) told.problems.refuse(at, `x-waybill knows ${names.join(', ')} here`);
}
