import type { QueryBus } from '@nestjs/cqrs';
import { GetImport, type ImportState, type ProgressBoard } from '@waybill/catalog';
import type { OperationDto } from './dto/operation.dto.js';
import type { OperationSource } from './operations.js';

/** Imports as operations. */
export function importOperations(queries: Pick<QueryBus, 'execute'>, progress: ProgressBoard): OperationSource {
  return {
    kind: 'import',
    async view(id) {
      const view = await queries.execute(new GetImport(id));
      return {
        id: view.operation,
        kind: 'import',
        state: stateOf(view.state),
        detail: view.state,
        subject: `/api/v1/imports/${view.id}`,
        updated: view.updated,
        ...(view.progress === undefined ? {} : { progress: view.progress }),
        ...(view.result === undefined ? {} : { result: view.result }),
        ...(view.failure === undefined ? {} : { failure: view.failure }),
      };
    },
    watch: (operation, listener) => progress.watch(operation, listener),
  };
}

function stateOf(state: ImportState): OperationDto['state'] {
  switch (state) {
    case 'absent':
    case 'reading':
    case 'storing':
    case 'cataloguing':
      return 'running';
    case 'inspected':
      return 'waiting';
    case 'completed':
      return 'succeeded';
    case 'refused':
    case 'failed':
    case 'discarded':
      return 'failed';
  }
}
