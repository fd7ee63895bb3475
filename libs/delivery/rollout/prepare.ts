import { severalAtOnce, type Digest } from '@waybill/kernel';
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

/** The engine unpacks and hashes one image on one core. */
const LOADS_AT_ONCE = 2;

/** One count of bytes for all images, which only grows: a layer that the engine turns out to have is passed over at once. */
async function loadImages({ runtime, state, plan, deps, tell, show, signal }: Rollout): Promise<void> {
  const shares = await sharesOf(
    plan.images,
    await runtime.missingImages(plan.images.map(({ config }) => config)),
    deps,
  );
  const total = sum(shares);
  const sent = shares.map(() => 0);
  let loaded = 0;
  const alike = [...new Set(Object.values(state.units).map((unit) => unit.image))];
  const step = () => `loading images into the engine, ${loaded} of ${plan.images.length} done`;
  const bytes = () => (total === 0 ? {} : { bytes: sum(sent), total });
  tell(step(), bytes());
  await severalAtOnce(LOADS_AT_ONCE, plan.images, async (image, index) => {
    signal.throwIfAborted();
    const share = shares[index] ?? 0;
    const onProgress = (passed: number, toSend: number) => {
      sent[index] = Math.min(Math.max(share - toSend, 0) + passed, share);
      show(step(), bytes());
    };
    await runtime.ensureImage(image, deps.content, { onProgress, alike });
    sent[index] = share;
    loaded += 1;
    tell(step(), bytes());
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

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
    shares.push(sum(sizes));
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
