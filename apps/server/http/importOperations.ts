import type { QueryBus } from '@nestjs/cqrs';
import { GetImport, importOperation, type ImportView } from '@waybill/catalog';
import type { ImportId, ProgressBoard } from '@waybill/kernel';
import type { OperationDto } from './dto/operation.dto.js';
import { failureProblem, hasEnded, type OperationSource } from './operations.js';

/** Imports as operations. */
export function importOperations(
  queries: Pick<QueryBus, 'execute'>,
  progress: Pick<ProgressBoard, 'watch'>,
): OperationSource {
  return {
    kind: 'import',
    async view(id) {
      const view = await queries.execute(new GetImport(id));
      const state = stateOf(view);
      return {
        id: view.operation,
        kind: 'import',
        state,
        detail: view.state,
        subject: `/api/v1/imports/${view.id}`,
        started: view.requested,
        ...(hasEnded({ state }) ? { ended: view.updated } : {}),
        updated: view.updated,
        ...(view.progress === undefined ? {} : { progress: view.progress }),
        ...(view.result === undefined ? {} : { result: view.result }),
        ...(view.failure === undefined ? {} : { failure: failureProblem(view.failure) }),
      };
    },
    watch: (id, listener) => progress.watch(importOperation(id as ImportId), listener),
  };
}

function stateOf({ state, confirm }: Pick<ImportView, 'state' | 'confirm'>): OperationDto['state'] {
  switch (state) {
    case 'absent':
    case 'reading':
    case 'storing':
    case 'cataloguing':
      return 'running';
    case 'collecting':
      return 'waiting';
    case 'inspected':
      return confirm ? 'running' : 'waiting';
    case 'completed':
      return 'succeeded';
    case 'refused':
    case 'failed':
    case 'discarded':
      return 'failed';
  }
}
