import type { ComponentKey } from '@waybill/kernel';
import type { ObservedUnit, Runtime } from '@waybill/runtime';
import { readSchedule } from '../domain/schedule.js';
import type { ComponentStateView, InstanceView } from './instanceState.js';

/** What the engine has of one component, compared with what the log says. */
export interface LiveComponent {
  readonly key: ComponentKey;
  readonly name: string;
  /** `healthy`: serves as recorded; `starting`; `failing`: its containers are not all up; `missing`: nothing there; `stray`: there, but not recorded; `scheduled`: runs at times. */
  readonly condition: 'healthy' | 'starting' | 'failing' | 'missing' | 'stray' | 'scheduled' | 'not-run-here';
  readonly detail: string;
  readonly containers: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: string;
    readonly health: string;
    readonly restarts: number;
  }[];
}

/** Asks the engine about every component of an instance. @throws WaybillError `engine-unreachable`, `engine-timeout` */
export async function readLive(runtime: Runtime, view: InstanceView): Promise<readonly LiveComponent[]> {
  const units = await runtime.observe(view.id);
  const recorded = view.components.map((component) => {
    if (component.workload === 'cron') return atTimes(component, units);
    const unit = units.find(
      (one) => one.ref.component === component.key && one.ref.record === component.serving?.record,
    );
    return component.serving === undefined && unit === undefined && !RUN_HERE.has(component.workload)
      ? notRun(component)
      : live(component, unit);
  });
  const strays = units.filter(
    (unit) =>
      !view.components.some(
        (one) => one.key === unit.ref.component && (one.workload === 'cron' || one.serving?.record === unit.ref.record),
      ),
  );
  return [...recorded, ...strays.map((unit) => stray(unit, view))];
}

type Named = Pick<LiveComponent, 'key' | 'name'>;

const RUN_HERE: ReadonlySet<string> = new Set(['service', 'stateful', 'job']);

/** Between its times nothing of it is there. */
function atTimes({ key, name, schedule = '' }: ComponentStateView, units: readonly ObservedUnit[]): LiveComponent {
  const running = units.filter(({ ref }) => ref.component === key);
  const read = readSchedule(schedule);
  const when = read === undefined ? 'it is kept from running' : `runs at ${read.text} (${read.timeZone})`;
  return {
    key,
    name,
    condition: 'scheduled',
    detail: running.length === 0 ? when : `${when}; a run is on`,
    containers: running.flatMap(containersOf),
  };
}

const notRun = ({ key, name }: Named): LiveComponent => ({
  key,
  name,
  condition: 'not-run-here',
  detail: 'nothing of it runs here',
  containers: [],
});

function live({ key, name }: Named, unit: ObservedUnit | undefined): LiveComponent {
  if (unit === undefined || unit.replicas.length === 0)
    return { key, name, condition: 'missing', detail: 'the engine has no container of it', containers: [] };
  return { key, name, ...judged(unit), containers: containersOf(unit) };
}

function judged(unit: ObservedUnit): Pick<LiveComponent, 'condition' | 'detail'> {
  const down = unit.replicas.filter((replica) => replica.state !== 'running');
  if (down.length > 0) {
    const done = down.every((replica) => replica.state === 'exited' && replica.exitCode === 0);
    return {
      condition: done ? 'healthy' : 'failing',
      detail: down
        .map(
          (replica) =>
            `${replica.name} is ${replica.state}${replica.exitCode === undefined ? '' : ` (exit code ${replica.exitCode})`}`,
        )
        .join('; '),
    };
  }
  if (unit.replicas.some((replica) => replica.health === 'unhealthy'))
    return { condition: 'failing', detail: 'its health check fails' };
  if (unit.replicas.some((replica) => replica.health === 'starting'))
    return { condition: 'starting', detail: 'its health check has not passed yet' };
  if (!unit.serving) return { condition: 'failing', detail: 'it runs, but has neither its name nor its ports' };
  return { condition: 'healthy', detail: 'serves' };
}

const stray = (unit: ObservedUnit, view: InstanceView): LiveComponent => ({
  key: unit.ref.component,
  name: view.components.find((one) => one.key === unit.ref.component)?.name ?? unit.ref.component,
  condition: 'stray',
  detail:
    view.openRecord === unit.ref.record ? 'being made by the open record' : `left by the record ${unit.ref.record}`,
  containers: containersOf(unit),
});

const containersOf = (unit: ObservedUnit): LiveComponent['containers'] =>
  unit.replicas.map(({ id, name, state, health, restarts }) => ({ id, name, state, health, restarts }));
