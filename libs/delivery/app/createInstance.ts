import { derivedId, hasCode, WaybillError, type InstanceId, type TemplateKey } from '@waybill/kernel';
import { childContext, type CommandContext } from '@waybill/event-store';
import { normalisedName } from '../domain/instanceName.js';
import { changeSettings, parseSettings, refusePortsOfOthers } from './changeSettings.js';
import type { DeliveryDependencies } from './dependencies.js';
import type { SettingRequest } from './settings.js';
import { handleInstance, handleName, loadInstance, type LoadedInstance } from './streams.js';

export interface NewInstance {
  readonly name: string;
  readonly template: TemplateKey;
  /** The version that the settings are checked against; absent: the highest on offer. */
  readonly version?: string | undefined;
  readonly settings: readonly SettingRequest[];
}

/**
 * Makes an instance on the engine that this server reaches: a name and a place, nothing runs yet. Repeated with the same command it answers the same.
 * @throws WaybillError `instance-name-taken`, `invalid-name`, `template-not-found`, `version-not-found`, `setting-not-allowed`, `engine-unreachable`
 */
export async function createInstance(
  deps: DeliveryDependencies,
  request: NewInstance,
  context: CommandContext,
): Promise<LoadedInstance> {
  const name = normalisedName(request.name);
  const id = derivedId('instance', context.commandId) as InstanceId;
  const version = request.version ?? (await deps.templates.versions(request.template)).at(-1)?.version;
  if (version === undefined)
    throw new WaybillError('version-not-found', { template: request.template, version: 'at all' });
  const { manifest } = await deps.templates.version(request.template, version);
  // Before the name is taken: what is refused leaves no instance behind.
  const parsed = parseSettings(request.settings, { manifest });
  const engine = await deps.runtime.engine();
  await refusePortsOfOthers(deps, engine.id, id, parsed, { manifest });
  await freeAbandoned(deps, name, context);
  await handleName(deps, name, { type: 'take', name, instance: id }, childContext(context, 'name'));
  await handleInstance(
    deps,
    id,
    { type: 'create-instance', instance: id, name, template: manifest.template, engine: engine.id },
    context,
  );
  if (request.settings.length > 0)
    await changeSettings(
      deps,
      { instance: id, settings: request.settings, manifest },
      childContext(context, 'settings'),
    );
  return loadInstance(deps, id);
}

/** A name is taken before its instance exists; a server that died in between left it without one. */
async function freeAbandoned(deps: DeliveryDependencies, name: string, context: CommandContext): Promise<void> {
  const look = await handleName(
    deps,
    name,
    { type: 'free', name, instance: '' as InstanceId },
    childContext(context, 'look-at-name'),
  );
  const holder = look.state.holder;
  if (holder === undefined || holder === derivedId('instance', context.commandId)) return;
  try {
    await loadInstance(deps, holder);
  } catch (error) {
    if (!hasCode(error, 'instance-not-found')) throw error;
    deps.log('warn', 'freed a name that was taken for an instance that never came to be', { name, instance: holder });
    await handleName(deps, name, { type: 'free', name, instance: holder }, childContext(context, `free-${holder}`));
  }
}
