import type { DeliveryReader, RecordView, RolloutRunner } from '@waybill/delivery';
import { isUuid, WaybillError, withoutUndefined, type RecordId } from '@waybill/kernel';
import type { OperationDto } from './dto/operation.dto.js';
import { failureProblem, type OperationSource } from './operations.js';

/** Rollouts as operations: one for each record. */
export function recordOperations(reader: DeliveryReader, rollouts: RolloutRunner): OperationSource {
  return {
    kind: 'record',
    async view(id) {
      if (!isUuid(id)) throw new WaybillError('record-not-found', { record: id });
      const record = await reader.record(id as RecordId);
      const progress = rollouts.progress(record.id);
      return withoutUndefined({
        id: `record-${record.id}`,
        kind: 'record',
        state: stateOf(record),
        detail: record.status,
        subject: `/api/v1/records/${record.id}`,
        started: record.startedAt ?? record.proposedAt,
        ended: record.endedAt,
        updated: progress?.at ?? record.endedAt ?? record.startedAt ?? record.proposedAt,
        progress,
        result: record.result === undefined ? undefined : { components: record.result },
        failure: failureOf(record),
      });
    },
    watch: (id, listener) => rollouts.watch(id as RecordId, listener),
  };
}

function stateOf({ status }: RecordView): OperationDto['state'] {
  switch (status) {
    case 'proposed':
    case 'running':
    case 'reverting':
      return 'running';
    case 'completed':
      return 'succeeded';
    case 'reverted':
    case 'failed':
      return 'failed';
  }
}

function failureOf({ failure, components }: RecordView): object | undefined {
  if (failure === undefined) return undefined;
  const failed = components.find(({ status }) => status === 'failed');
  return failureProblem(
    withoutUndefined({ code: 'gate-failed', message: failure, component: failed?.component, log: failed?.log }),
  );
}
