import type { QueryBus } from '@nestjs/cqrs';
import { exportOperation, GetExport, type ExportState } from '@waybill/catalog';
import type { ExportId, ProgressBoard } from '@waybill/kernel';
import type { OperationDto } from './dto/operation.dto.js';
import { failureProblem, hasEnded, type OperationSource } from './operations.js';

/** Exports as operations. */
export function exportOperations(
  queries: Pick<QueryBus, 'execute'>,
  progress: Pick<ProgressBoard, 'watch'>,
): OperationSource {
  return {
    kind: 'export',
    async view(id) {
      const view = await queries.execute(new GetExport(id));
      const state = stateOf(view.state);
      return {
        id: view.operation,
        kind: 'export',
        state,
        detail: view.state,
        subject: `/api/v1/exports/${view.id}`,
        started: view.requested,
        ...(hasEnded({ state }) ? { ended: view.updated } : {}),
        updated: view.updated,
        ...(view.progress === undefined ? {} : { progress: view.progress }),
        ...(view.file === undefined ? {} : { result: view.file }),
        ...(view.failure === undefined ? {} : { failure: failureProblem(view.failure) }),
      };
    },
    watch: (id, listener) => progress.watch(exportOperation(id as ExportId), listener),
  };
}

function stateOf(state: ExportState): OperationDto['state'] {
  switch (state) {
    case 'absent':
    case 'writing':
      return 'running';
    case 'completed':
      return 'succeeded';
    case 'failed':
    case 'removed':
      return 'failed';
  }
}
