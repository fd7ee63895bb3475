import { expect } from 'vitest';
import type { StoredEvent } from '@waybill/event-store';
import type { CanonicalValue } from '@waybill/kernel';
import { call } from './call.js';
import type { TestServer } from './server.js';
import { site, type PlanAnswer } from './site.js';

/** What a losing request may be told: another one opened a record for the plan, or has closed it already. */
const LOST = ['record-open', 'plan-used', 'plan-stale', 'plan-empty', 'already-installed', 'conflict'];

/**
 * Requests an upgrade of an instance through every server at once, again and again, until there is no version above.
 * @returns operations that were opened, one for each upgrade
 */
export async function raceUpgrades(
  servers: readonly TestServer[],
  name: string,
  versions: readonly string[],
): Promise<readonly string[]> {
  const operations: string[] = [];
  for (const version of versions) {
    const answers = await Promise.all(servers.map((server) => request(server, name, version)));
    const opened = [...new Set(answers.flatMap(({ operation }) => (operation === undefined ? [] : [operation])))];
    expect(opened, JSON.stringify(answers)).toHaveLength(1);
    for (const { refusal } of answers) if (refusal !== undefined) expect(LOST).toContain(refusal);
    operations.push(...opened);
    // Through the other server than the one that most probably has it.
    for (const server of servers) {
      const ended = await site(() => server).ended(opened[0] ?? '');
      expect(ended, JSON.stringify(ended)).toMatchObject({ state: 'succeeded' });
    }
  }
  return operations;
}

async function request(
  server: TestServer,
  name: string,
  version: string,
): Promise<{ readonly operation?: string; readonly refusal?: string }> {
  const ask = (path: string, body: object) =>
    call<{ code?: string } & Partial<PlanAnswer> & { operation?: string }>(
      server,
      'POST',
      `/api/v1/instances/${name}/${path}`,
      { body },
    );
  const plan = await ask('plans', { kind: 'upgrade', version });
  if (plan.body.digest === undefined) return { refusal: plan.body.code ?? String(plan.status) };
  const submitted = await ask('records', { plan: plan.body.digest });
  const { operation, code } = submitted.body;
  return operation === undefined ? { refusal: code ?? String(submitted.status) } : { operation };
}

const dataOf = (event: StoredEvent) => event.data as Readonly<Record<string, CanonicalValue>>;
const textOf = (event: StoredEvent, member: string): string => {
  const value = dataOf(event)[member];
  return typeof value === 'string' ? value : '';
};

/** What stands in the log about one record, by type of event; with the component where there is one. */
export function toldOf(log: readonly StoredEvent[], instance: string, record: string): readonly string[] {
  return log
    .filter(({ stream, data }) => stream === `instance-${instance}` && !(data instanceof Uint8Array))
    .filter((event) => dataOf(event)['record'] === record)
    .map((event) => `${event.type} ${textOf(event, 'component')}`.trim());
}

/** Who carried an operation out: the runners that took its claim before it had ended, in order. */
export function runnersOf(log: readonly StoredEvent[], record: string): readonly string[] {
  const end = log.find((event) => event.type === 'rollout-completed.v1' && dataOf(event)['record'] === record);
  return log
    .filter(({ stream, type }) => stream === `claim-record-${record}` && type === 'claim-taken.v1')
    .filter(({ position }) => end === undefined || position < end.position)
    .map((event) => textOf(event, 'runner'));
}

/** Each revision once and in order, and no event twice: one linear history. */
export function expectLinear(log: readonly StoredEvent[], stream: string): void {
  const events = log.filter((event) => event.stream === stream);
  expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => BigInt(index)));
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
}

export const recordOf = (operation: string): string => operation.replace(/^record-/, '');

/** A small version's rollout, told once: intent and result of each component, the end. */
export const ONE_ROLLOUT = [
  'plan-proposed.v1',
  'rollout-started.v1',
  'component-apply-intended.v1 back',
  'component-applied.v1 back',
  'component-apply-intended.v1 web',
  'component-applied.v1 web',
  'rollout-completed.v1',
];
