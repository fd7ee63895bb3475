import type { Decider } from '@waybill/event-store';
import { WaybillError, type ExportId } from '@waybill/kernel';
import { evolveExport, noExport, type Export, type ExportRequest } from './export.js';
import type { ExportedFile, ExportEvent } from './exportEvents.js';
import type { Failure } from './importEvents.js';

export type ExportCommand = { readonly export: ExportId } & (
  | { readonly type: 'request-export'; readonly request: ExportRequest }
  | { readonly type: 'complete-export'; readonly file: ExportedFile }
  | { readonly type: 'fail-export'; readonly failure: Failure }
  | { readonly type: 'remove-export' }
  | { readonly type: 'take-over'; readonly runner: string }
);

/** The rules of `export-<id>`. What was done already yields nothing, so each step may be repeated after a crash; what was removed stays so. */
export const exportDecider: Decider<Export, ExportCommand, ExportEvent> = {
  decide(command, state) {
    if (command.type === 'request-export')
      return state.kind === 'absent' ? [{ type: 'export-requested', data: command.request }] : [];
    if (state.kind === 'absent') throw new WaybillError('export-not-found', { export: command.export });
    if (command.type === 'remove-export') return state.kind === 'removed' ? [] : [{ type: 'export-removed', data: {} }];
    if (state.kind !== 'writing') return [];
    switch (command.type) {
      case 'complete-export':
        return [
          { type: 'package-written', data: command.file },
          { type: 'export-completed', data: {} },
        ];
      case 'fail-export':
        return [{ type: 'export-failed', data: command.failure }];
      case 'take-over':
        return [{ type: 'taken-over', data: { runner: command.runner } }];
    }
  },
  evolve: evolveExport,
  initialState: () => noExport,
};
