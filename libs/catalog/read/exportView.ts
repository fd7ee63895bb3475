import type { Actor, Documents, EventStore } from '@waybill/event-store';
import type { ExportId, Progress, ProgressBoard } from '@waybill/kernel';
import { notCarriedByCompose, type Manifest, type Notice } from '@waybill/packaging';
import { loadExport } from '../app/exportHandling.js';
import type { ExportRequest, ExportState } from '../domain/export.js';
import type { ExportedFile } from '../domain/exportEvents.js';
import type { Failure } from '../domain/importEvents.js';
import { exportOperation } from '../domain/streams.js';

/** Everything about one export, as the log has it now. */
export interface ExportView extends ExportRequest {
  readonly id: ExportId;
  readonly operation: string;
  readonly state: ExportState;
  /** Who requested it. */
  readonly by: Actor;
  /** RFC 3339. */
  readonly requested: string;
  readonly updated: string;
  /** Once it is written. */
  readonly file?: ExportedFile;
  readonly failure?: Failure;
  /** What the template says and a package of this format does not do; absent for formats that carry all of it. */
  readonly notCarried?: readonly Notice[];
  /** While this server works on it. */
  readonly progress?: Progress;
  readonly revision: bigint;
}

/** Read from the log, so that it is never behind. @throws WaybillError `export-not-found` */
export async function viewExport(
  {
    store,
    documents,
    progress,
  }: { readonly store: EventStore; readonly documents: Documents; readonly progress: ProgressBoard },
  id: ExportId,
): Promise<ExportView> {
  const { state, requested, last, revision } = await loadExport({ store }, id);
  const running = progress.of(exportOperation(id));
  return {
    id,
    operation: exportOperation(id),
    state: state.kind,
    ...state.request,
    by: requested.metadata.actor,
    requested: requested.metadata.recordedAt,
    updated: last.metadata.recordedAt,
    ...('file' in state ? { file: state.file } : {}),
    ...('failure' in state ? { failure: state.failure } : {}),
    ...(state.request.format === 'docker-compose'
      ? { notCarried: notCarriedByCompose(await documents.getJson<Manifest>(state.request.manifest)) }
      : {}),
    ...(running === undefined ? {} : { progress: running }),
    revision,
  };
}
