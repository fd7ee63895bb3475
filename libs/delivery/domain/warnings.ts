import type { Manifest } from '@waybill/packaging';
import {
  itemsOfKind,
  publishedOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type EnvValue,
  type WorkloadValue,
} from './desired.js';
import type { PlanWarning } from './plan.js';

/** What a person should know before submitting: parts that do not run here, and values that look wrong here. */
export function planWarnings(desired: Desired | undefined, manifest: Manifest | undefined): readonly PlanWarning[] {
  if (desired === undefined) return [];
  return [
    ...Object.values(desired.components).flatMap((component) => componentWarnings(component, desired)),
    ...carriedWarnings(manifest),
  ];
}

function componentWarnings(component: DesiredComponent, desired: Desired): readonly PlanWarning[] {
  const warn = (code: string, message: string): PlanWarning => ({ code, subject: component.name, message });
  const workload = valueAt<WorkloadValue>(component, 'workload');
  return [
    ...(workload?.kind === 'external'
      ? [
          warn(
            'runs-elsewhere',
            `it runs elsewhere (${valueAt<string>(component, 'endpoints') ?? 'no address given'}); nothing is started here.`,
          ),
        ]
      : []),
    ...(workload?.kind === 'cron'
      ? [warn('schedule-not-run', 'it is started by a schedule; this version of Waybill does not run schedules.')]
      : []),
    ...(workload?.kind === 'unsupported'
      ? [warn('workload-unsupported', `a component of the kind ${workload.source} does not run here.`)]
      : []),
    ...(valueAt(component, 'probe/liveness') === undefined
      ? []
      : [warn('liveness-not-watched', 'its liveness probe is kept, but only readiness is watched.')]),
    ...loopback(component).map((name) =>
      warn('loopback-address', `${name} names 127.0.0.1, which inside a container is the container itself.`),
    ),
    ...itemsOfKind(component, 'depends')
      .filter(({ name }) => desired.components[name] === undefined)
      .map(({ name }) => warn('dependency-missing', `it depends on ${name}, which is not there.`)),
    ...extraReplicas(component).map((count) =>
      warn(
        'replicas-not-published',
        `only the first of its ${count} replicas answers on the published port; the others answer inside the instance.`,
      ),
    ),
  ];
}

const loopback = (component: DesiredComponent): readonly string[] =>
  itemsOfKind<EnvValue>(component, 'env')
    .filter(({ value }) => 'text' in value && /\b(127\.0\.0\.1|localhost):\d/.test(value.text))
    .map(({ name }) => name);

function extraReplicas(component: DesiredComponent): readonly number[] {
  const replicas = valueAt<number>(component, 'replicas') ?? 1;
  return replicas > 1 && publishedOf(component).length > 0 ? [replicas] : [];
}

const carriedWarnings = (manifest: Manifest | undefined): readonly PlanWarning[] =>
  (manifest?.carried ?? []).map((part) => ({
    code: 'carried-not-applied',
    subject: part.component ?? 'template',
    message: `the ${part.kind} "${part.name}" is kept, but not applied here.`,
  }));
