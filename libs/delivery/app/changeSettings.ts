import type { InstanceId } from '@waybill/kernel';
import type { CommandContext, Handled } from '@waybill/event-store';
import type { Manifest } from '@waybill/packaging';
import type { InstanceEvent, SecretStored } from '../domain/instanceEvents.js';
import type { ExistingInstance, InstanceState } from '../domain/instanceState.js';
import type { DeliveryDependencies } from './dependencies.js';
import { loadDesired, loadManifest } from './loadDocuments.js';
import { stored } from './secrets.js';
import { parseSetting, type Addressable, type ParsedSetting, type SettingRequest } from './settings.js';
import { handleInstance, loadInstance } from './streams.js';

export interface SettingsRequest {
  readonly instance: InstanceId;
  readonly settings: readonly SettingRequest[];
  /** What the settings are checked against when nothing is installed yet. */
  readonly manifest?: Manifest;
  readonly expectedRevision?: bigint | undefined;
}

/**
 * Records what the site wants; it takes effect with the next plan. Refused while a record is open.
 * @throws WaybillError `setting-not-allowed`, `component-not-found`, `record-open`, `revision-mismatch`, `instance-removed`
 */
export async function changeSettings(
  deps: DeliveryDependencies,
  request: SettingsRequest,
  context: CommandContext,
): Promise<Handled<InstanceState, InstanceEvent>> {
  const { state } = await loadInstance(deps, request.instance);
  const desired = await loadDesired(deps.documents, state.desired);
  const manifest = request.manifest ?? (await manifestFor(deps, state));
  const components: readonly Addressable[] =
    desired === undefined ? manifest.components : Object.values(desired.components);
  const parsed = request.settings.map((setting) => parseSetting(setting, components, manifest, desired));
  for (const { file } of parsed) if (file !== undefined) await deps.documents.put(Buffer.from(file.text));
  return handleInstance(
    deps,
    request.instance,
    {
      type: 'change-settings',
      changes: parsed.map(({ component, path, value }) => ({ component, path, value })),
      secrets: sealed(deps, state, parsed),
    },
    context,
    { expectedRevision: request.expectedRevision },
  );
}

async function manifestFor(deps: DeliveryDependencies, state: ExistingInstance): Promise<Manifest> {
  if (state.version !== null) return loadManifest(deps.documents, state.version.manifest);
  const newest = (await deps.templates.versions(state.template.key)).at(-1)?.version ?? '';
  return (await deps.templates.version(state.template.key, newest)).manifest;
}

function sealed(
  deps: DeliveryDependencies,
  state: ExistingInstance,
  parsed: readonly ParsedSetting[],
): readonly SecretStored['data'][] {
  return parsed.flatMap(({ secret }) => {
    if (secret === undefined) return [];
    const version = (state.secrets[secret.name]?.at(-1)?.version ?? 0) + 1;
    return [stored(deps.secretKey, state.id, secret.name, version, secret.text, 'set')];
  });
}
