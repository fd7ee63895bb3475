import { WaybillError } from '@waybill/kernel';
import type { PlanView } from '../api/plan.js';
import type { RecordView, Submitted } from '../api/record.js';
import { pathTo } from '../client/client.js';
import { followOperation } from '../follow.js';
import { planText } from '../output/planText.js';
import { outcomeText } from '../output/recordText.js';
import type { Session } from '../session.js';
import { begunText } from './command.js';

export interface CarryOutOptions {
  readonly yes?: boolean;
  readonly reason?: string;
  /** False: answer as soon as it has begun. */
  readonly wait: boolean;
}

/**
 * Shows a plan, asks, submits it and watches it to its end.
 * @throws WaybillError `confirmation-needed`; `operation-failed` for a record that did not reach its aim; the server's problem
 */
export async function carryOut(session: Session, plan: PlanView, options: CarryOutOptions): Promise<void> {
  const { client, json } = session;
  // For programs the one result is the record; a plan that waits for a yes is the result itself.
  if (!json || options.yes !== true) session.show(plan, () => `${planText(plan)}\n`);
  await session.confirm(`${titles[plan.kind]} "${plan.instance.name}"`, options.yes === true);
  const { reason } = options;
  const submitted = await client.post<Submitted>(pathTo('instances', plan.instance.id, 'records'), {
    plan: plan.digest,
    ...(reason === undefined ? {} : { reason }),
  });
  if (!options.wait) {
    session.show(submitted, () => begunText(submitted.operation));
    return;
  }
  await followOperation(session, submitted.operation);
  await showOutcome(session, submitted.record, plan);
}

const titles: Readonly<Record<PlanView['kind'], string>> = {
  install: 'Install',
  upgrade: 'Upgrade',
  rollback: 'Roll back',
  reconfigure: 'Apply settings to',
  remove: 'Remove',
};

/** Says how a record ended. @throws WaybillError `operation-failed` when it did not reach its aim */
export async function showOutcome(session: Session, id: string, plan: Pick<PlanView, 'steps'>): Promise<void> {
  const record = await session.client.get<RecordView>(pathTo('records', id));
  const names = new Map(plan.steps.map(({ component, name }) => [component, name]));
  session.show(record, () => outcomeText(record, names));
  if (record.status === 'reverted' || record.status === 'failed')
    throw new WaybillError('operation-failed', {
      what: `The ${record.kind} (record ${record.id})`,
      state: record.status,
      reason: record.failure ?? 'see the record.',
    });
}
