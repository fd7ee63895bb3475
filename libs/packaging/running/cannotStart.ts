import { commandWords, isWaybillError } from '@waybill/kernel';
import { itemsOfKind, valueAt, type ProbeValue, type RunningComponent, type WorkloadValue } from './items.js';
import { endsByItself } from './workload.js';

/** MiB: what engines take at least where they limit at all. */
export const SMALLEST_MEMORY = 6;

/** What belongs to the kernel in a container: no engine makes a mount there. */
const OF_THE_KERNEL = /^\/(?:proc(?:\/|$)|dev$|sys\/(?!fs(?:\/|$)))/;

/** Why no engine would start a component, as far as that is known before one is asked: clauses without a full stop; none: nothing is known. */
export function cannotStart(component: Pick<RunningComponent, 'items'>): readonly string[] {
  const workload = valueAt<WorkloadValue>(component, 'workload');
  if (workload === undefined || workload.kind === 'external' || workload.kind === 'unsupported') return [];
  const probes = endsByItself(workload) ? [] : itemsOfKind<ProbeValue>(component, 'probe');
  const memory = valueAt<number>(component, 'memory') ?? 0;
  const mounted = [...itemsOfKind(component, 'volume'), ...itemsOfKind(component, 'mount')];
  return [
    ...unreadable('its command', valueAt<string>(component, 'command') ?? ''),
    ...probes.flatMap(({ name, value: { check } }) =>
      check.kind === 'command' ? unreadable(`its ${name} probe`, check.command) : [],
    ),
    ...(memory > 0 && memory < SMALLEST_MEMORY
      ? [`it may use ${memory} MiB of memory, and an engine gives at least ${SMALLEST_MEMORY}`]
      : []),
    ...mounted
      .filter(({ name }) => OF_THE_KERNEL.test(name))
      .map(({ name }) => `nothing can be mounted at ${name}, which is the kernel's`),
  ];
}

function unreadable(what: string, command: string): readonly string[] {
  try {
    commandWords(command);
    return [];
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    return [`${what} cannot be read: ${String(error.details['reason']).replace(/\.$/, '')}`];
  }
}
