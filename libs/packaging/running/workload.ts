import {
  itemsOfKind,
  valueAt,
  type ProbeValue,
  type Running,
  type RunningComponent,
  type WorkloadValue,
} from './items.js';

/** What is started with its instance, and not at times, elsewhere or nowhere. */
export const runsHere = ({ kind }: WorkloadValue): boolean =>
  kind === 'service' || kind === 'stateful' || kind === 'job';

/** What is done when it has ended with exit 0. */
export const endsByItself = ({ kind }: WorkloadValue): boolean => kind === 'job' || kind === 'cron';

/** The components that it uses, as far as they are there. */
export const providersOf = (
  component: Pick<RunningComponent, 'items'>,
  running: Pick<Running, 'components'>,
): readonly RunningComponent[] =>
  itemsOfKind(component, 'depends').flatMap(({ name }) => running.components[name] ?? []);

/** What an engine asks inside a container for as long as it runs. Times in seconds. */
export interface CommandCheck {
  readonly command: string;
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly failureThreshold: number;
}

/** The probe of that purpose, if it is by a command: an engine has no client for HTTP or TCP inside a container. */
export function commandCheck(
  component: Pick<RunningComponent, 'items'>,
  purpose: 'readiness' | 'liveness',
): CommandCheck | undefined {
  const probe = valueAt<ProbeValue>(component, `probe/${purpose}`);
  if (probe?.check.kind !== 'command') return undefined;
  const { check, initialDelay, period, timeout, failureThreshold } = probe;
  return { command: check.command, initialDelay, period, timeout, failureThreshold };
}
