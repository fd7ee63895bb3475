import { WaybillError } from '@waybill/kernel';
import { loadEngine } from '../app/streams.js';
import { loadDesired } from '../app/loadDocuments.js';
import { itemsOfKind, type VolumeValue } from '../domain/desired.js';
import { subnetsHeldBy } from '../domain/reservations.js';
import type { Rollout } from './context.js';

/** What components need before the first of them starts: images on the engine, the instance's networks, volumes. All may be repeated. */
export async function prepare(rollout: Rollout): Promise<void> {
  await loadImages(rollout);
  await makeNetworks(rollout);
  await makeVolumes(rollout);
}

async function loadImages({ runtime, plan, deps, tell, signal }: Rollout): Promise<void> {
  for (const [index, image] of plan.images.entries()) {
    signal.throwIfAborted();
    tell(`loading image ${index + 1} of ${plan.images.length}`);
    const load = await runtime.ensureImage(image, deps.content);
    if (load.outcome === 'loaded')
      tell(`loaded image ${index + 1} of ${plan.images.length}: ${load.sentLayers} layers, ${load.sentBytes} bytes`);
  }
}

async function makeNetworks({ runtime, deps, state }: Rollout): Promise<void> {
  const { inside, outside } = subnetsHeldBy(await loadEngine(deps, state.engine), state.id);
  if (inside === undefined || outside === undefined)
    throw new WaybillError('subnets-exhausted', { pool: deps.networkPool });
  await runtime.ensureNetworks({
    instance: state.id,
    instanceName: state.name,
    insideSubnet: inside,
    outsideSubnet: outside,
  });
}

async function makeVolumes({ runtime, deps, plan, state }: Rollout): Promise<void> {
  const desired = await loadDesired(deps.documents, plan.desired);
  for (const component of Object.values(desired?.components ?? {})) {
    for (const { value } of itemsOfKind<VolumeValue>(component, 'volume')) {
      if (value.kind === 'persistent')
        await runtime.ensureVolume(value.engine, { instance: state.id, component: component.key, volume: value.name });
    }
  }
}
