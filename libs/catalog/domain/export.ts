import type { ExportedFile, ExportEvent, ExportRequested } from './exportEvents.js';
import type { Failure } from './importEvents.js';

export type ExportRequest = ExportRequested['data'];

/** Where an export stands: `writing` is the server's turn; of a `completed` one the file is there, until it is `removed`. */
export type Export =
  | { readonly kind: 'absent' }
  | { readonly kind: 'writing' | 'removed'; readonly request: ExportRequest; readonly file?: ExportedFile }
  | { readonly kind: 'completed'; readonly request: ExportRequest; readonly file: ExportedFile }
  | { readonly kind: 'failed'; readonly request: ExportRequest; readonly failure: Failure };

export type ExportState = Export['kind'];

export const noExport: Export = { kind: 'absent' };

export function evolveExport(state: Export, event: ExportEvent): Export {
  if (event.type === 'export-requested') return { kind: 'writing', request: event.data };
  if (state.kind === 'absent') return state;
  const { request } = state;
  switch (event.type) {
    case 'package-written':
      return { kind: 'writing', request, file: event.data };
    case 'export-completed':
      return 'file' in state ? { kind: 'completed', request, file: state.file } : state;
    case 'export-failed':
      return { kind: 'failed', request, failure: event.data };
    case 'export-removed':
      return { kind: 'removed', request, ...('file' in state ? { file: state.file } : {}) };
    case 'taken-over':
      return state;
  }
}
