import type { Workload } from '../manifest.js';
import { subjectOf, type Carrying } from './carrying.js';
import type { RamComponent } from './metadata.js';

/** How a component runs. */
export function workloadOf(component: RamComponent, key: string, carrying: Carrying): Workload {
  const workload = stated(component);
  if (workload.kind === 'unsupported')
    carrying.tell(
      'workload-unsupported',
      subjectOf(key),
      `Components of the kind ${workload.source} cannot run here; it is kept and left out of every plan.`,
    );
  if (workload.kind === 'cron' && workload.schedule === undefined)
    carrying.tell(
      'cron-schedule-missing',
      subjectOf(key),
      'It runs at times, but the package does not say when: exporters of the reference system lose the schedule.',
    );
  return workload;
}

function stated(component: RamComponent): Workload {
  if (isExternal(component)) return { kind: 'external' };
  if (['vm', 'helm-chart', 'kubeblocks_component'].includes(component.serviceType))
    return { kind: 'unsupported', source: component.serviceType };
  if (component.shareType === 'slug') return { kind: 'unsupported', source: 'slug' };
  switch (component.extendMethod) {
    case '':
    case 'stateless':
    case 'stateless_singleton':
    case 'stateless_multiple':
      return { kind: 'service' };
    case 'state':
    case 'state_singleton':
    case 'state_multiple':
      return { kind: 'stateful' };
    case 'job':
      return { kind: 'job' };
    case 'cronjob':
      return component.job.schedule === '' ? { kind: 'cron' } : { kind: 'cron', schedule: component.job.schedule };
    default:
      return { kind: 'unsupported', source: component.extendMethod };
  }
}

const isExternal = ({ serviceSource, endpoints, image }: RamComponent): boolean =>
  serviceSource === 'third_party' || (image === '' && endpoints.info !== '');
