import { compareVersions, WaybillError, type Digest, type RecordId } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import { lastClosed, recordOf, type ExistingInstance, type RecordState } from '../domain/instanceState.js';
import type { DeliveryDependencies } from './dependencies.js';
import { loadManifest } from './loadDocuments.js';

/** The version that a plan leads to. */
export interface Target {
  readonly manifest: Manifest;
  readonly digest: Digest;
}

/** The record to undo: the one that is asked for, else the last one that changed an installed version. @throws WaybillError `record-not-found`, `record-not-rollbackable` */
export function recordToUndo(state: ExistingInstance, asked: RecordId | undefined): RecordState {
  const record =
    asked === undefined
      ? state.records.filter((one) => one.status === 'completed' && one.before !== null).at(-1)
      : recordOf(state, asked);
  if (record === undefined) {
    if (asked !== undefined) throw new WaybillError('record-not-found', { record: asked });
    throw new WaybillError('record-not-rollbackable', {
      record: lastClosed(state)?.id ?? 'none',
      reason: 'no record has changed an installed version yet.',
    });
  }
  if (record.status === 'reverted')
    throw new WaybillError('record-not-rollbackable', {
      record: record.id,
      reason: 'it was reverted already and left nothing to undo.',
    });
  return record;
}

/** The version that is asked for, else the highest on offer. @throws WaybillError `version-not-found` */
export async function chooseVersion(
  deps: DeliveryDependencies,
  state: ExistingInstance,
  asked: string | undefined,
): Promise<Target> {
  const version = asked ?? (await deps.templates.versions(state.template.key)).at(-1)?.version;
  if (version === undefined)
    throw new WaybillError('version-not-found', { template: state.template.key, version: 'at all' });
  return deps.templates.version(state.template.key, version);
}

/** As `chooseVersion`, and upwards. @throws WaybillError `no-upgrade-available`, `upgrade-not-upward` */
export async function chooseUpgrade(
  deps: DeliveryDependencies,
  state: ExistingInstance,
  asked: string | undefined,
): Promise<Target> {
  const current = state.version?.version;
  if (current === undefined) throw new WaybillError('instance-not-installed', { instance: state.name });
  const target = await chooseVersion(deps, state, asked);
  if (compareVersions(target.manifest.version, current) > 0) return target;
  if (asked === undefined) throw new WaybillError('no-upgrade-available', { current });
  throw new WaybillError('upgrade-not-upward', { target: asked, current });
}

/** The version that is installed, as the log has it. @throws WaybillError `instance-not-installed` */
export async function sameVersion(deps: DeliveryDependencies, state: ExistingInstance): Promise<Target> {
  if (state.version === null) throw new WaybillError('instance-not-installed', { instance: state.name });
  return { manifest: await loadManifest(deps.documents, state.version.manifest), digest: state.version.manifest };
}
