import type { Digest } from '@waybill/kernel';
import type { ManifestImage } from '@waybill/packaging';
import { loadDesired } from '../app/loadDocuments.js';
import { itemsOfKind, type VolumeValue } from '../domain/desired.js';
import type { Rollout } from './context.js';
import { makeNetworks } from './makeNetworks.js';

/** What components need before the first of them starts: images on the engine, the instance's networks, volumes. All may be repeated. */
export async function prepare(rollout: Rollout): Promise<void> {
  await loadImages(rollout);
  rollout.steps.next();
  rollout.tell('preparing networks and volumes');
  await makeNetworks(rollout);
  await makeVolumes(rollout);
  rollout.steps.next();
}

/** One count of bytes for all images, which only grows: a layer that the engine turns out to have is passed over at once. */
async function loadImages({ runtime, plan, deps, tell, show, signal }: Rollout): Promise<void> {
  const shares = await sharesOf(
    plan.images,
    await runtime.missingImages(plan.images.map(({ config }) => config)),
    deps,
  );
  const total = shares.reduce((sum, share) => sum + share, 0);
  let before = 0;
  for (const [index, image] of plan.images.entries()) {
    signal.throwIfAborted();
    const step = `loading image ${index + 1} of ${plan.images.length} into the engine`;
    const share = shares[index] ?? 0;
    const base = before;
    tell(step, total === 0 ? {} : { bytes: base, total });
    await runtime.ensureImage(image, deps.content, (sent, toSend) => {
      const done = Math.min(Math.max(share - toSend, 0) + sent, share);
      show(step, { bytes: base + done, total });
    });
    before += share;
  }
}

/** Bytes of each image that the engine lacks, layers it shares with one before left out. */
async function sharesOf(
  images: readonly ManifestImage[],
  missing: readonly Digest[],
  { content }: Pick<Rollout['deps'], 'content'>,
): Promise<readonly number[]> {
  const counted = new Set<Digest>();
  const shares: number[] = [];
  for (const { config, diffIds } of images) {
    const own = missing.includes(config) ? [...new Set(diffIds)].filter((layer) => !counted.has(layer)) : [];
    own.forEach((layer) => counted.add(layer));
    const sizes = await Promise.all(own.map((layer) => content.layerSize(layer)));
    shares.push(sizes.reduce((sum, size) => sum + size, 0));
  }
  return shares;
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
