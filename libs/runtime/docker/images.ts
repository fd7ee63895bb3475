import type { ImageInspectInfo } from 'dockerode';
import { hexOf, severalAtOnce, WaybillError, type Digest } from '@waybill/kernel';
import type { ImageLoad, ImageSource, LoadOptions, UnitImage } from '../runtime.js';
import { call, callFor } from './call.js';
import type { Connection } from './connection.js';
import { goArchitecture, knownInfo, type ImageStore } from './engineInfo.js';
import { layersToSend } from './heldLayers.js';
import { dockerArchive, ociArchive, type ImageArchive } from './imageArchive.js';
import { imageNameParts, imageTag } from './imageName.js';
import { loadArchive } from './loadArchive.js';
import type { OneAtATime } from './oneAtATime.js';
import { verifyConfig, verifyLayers } from './verifyConfig.js';

/** Questions to the engine. */
const AT_ONCE = 16;

const imagePath = (name: string): string => `/images/${encodeURIComponent(name)}`;

/** What the engine knows of an image by that name. */
export const inspectImage = (connection: Connection, name: string): Promise<ImageInspectInfo | undefined> =>
  callFor<ImageInspectInfo>(connection, {
    action: `inspect the image ${name}`,
    method: 'GET',
    path: `${imagePath(name)}/json`,
  });

/** The classic store knows an image by its configuration; the other one only by the name it was loaded under. */
const findImage = async (connection: Connection, config: Digest): Promise<ImageInspectInfo | undefined> =>
  (await inspectImage(connection, config)) ?? (await inspectImage(connection, imageTag(config)));

/** How a container is told which image to use. */
export const imageFor = (store: ImageStore, config: Digest): string =>
  store === 'classic' ? config : imageTag(config);

/** Those that the engine lacks. Each is asked for: of its list the engine works out every image's size, of which it may hold hundreds. */
export async function missingImages(connection: Connection, images: readonly Digest[]): Promise<readonly Digest[]> {
  const distinct = [...new Set(images)];
  const found = await severalAtOnce(AT_ONCE, distinct, (image) => findImage(connection, image));
  return distinct.filter((_, i) => found[i] === undefined);
}

export async function ensureImage(
  connection: Connection,
  loads: OneAtATime,
  image: UnitImage,
  sending: Sending,
): Promise<ImageLoad> {
  const { engine, imageStore } = await knownInfo(connection);
  if (goArchitecture(image.architecture) !== engine.architecture) {
    throw new WaybillError('architecture-mismatch', {
      component: hexOf(image.config).slice(0, 12),
      image: image.architecture,
      engine: engine.architecture,
    });
  }
  const present = await presentImage(connection, image);
  if (present !== undefined) return present;
  const { source } = sending;
  const config = await source.readConfig(image.config);
  verifyConfig(image, config);
  return loads([image.config, ...(await largeLayers(image, source))], async () => {
    // Another load may have brought it while this one waited.
    const brought = await presentImage(connection, image);
    if (brought !== undefined) return brought;
    const sent = await send(connection, imageStore, image, config, sending);
    return { image: image.config, outcome: 'loaded', ...sent };
  });
}

async function presentImage(connection: Connection, image: UnitImage): Promise<ImageLoad | undefined> {
  const present = await findImage(connection, image.config);
  if (present === undefined) return undefined;
  verifyLayers(image, present.RootFS.Layers ?? []);
  await keep(connection, image.config, present.Id);
  return { image: image.config, outcome: 'present', sentLayers: 0, sentBytes: 0 };
}

/** Sending a small layer twice costs less than to wait for another image that brings it. */
const LARGE = 32 * 1024 ** 2;

async function largeLayers({ diffIds }: UnitImage, source: ImageSource): Promise<readonly Digest[]> {
  const sizes = await Promise.all(diffIds.map((diffId) => source.layerSize(diffId)));
  return diffIds.filter((_, index) => (sizes[index] ?? 0) >= LARGE);
}

interface Sending extends LoadOptions {
  readonly source: ImageSource;
}

type Sent = Pick<ImageLoad, 'sentLayers' | 'sentBytes'>;

async function send(
  connection: Connection,
  store: ImageStore,
  image: UnitImage,
  config: Uint8Array,
  sending: Sending,
): Promise<Sent> {
  const { source } = sending;
  const every = new Set(image.diffIds);
  if (store === 'containerd') {
    return sendArchive(connection, image, every, sending, await ociArchive(image, config, source));
  }
  const lacking = await lackingLayers(connection, image, sending);
  try {
    return await sendArchive(connection, image, lacking, sending, dockerArchive(image, config, lacking, source));
  } catch (error) {
    // Someone may have removed the image whose layers were counted on.
    if (lacking.size === every.size || (await findImage(connection, image.config)) !== undefined) throw error;
    return sendArchive(connection, image, every, sending, dockerArchive(image, config, every, source));
  }
}

/** An engine holds hundreds of images, and looking through them may take longer than to send all that those alike leave over. */
async function lackingLayers(
  connection: Connection,
  { diffIds }: UnitImage,
  { source, alike = [] }: Sending,
): Promise<ReadonlySet<Digest>> {
  if (alike.length > 0) {
    const lacking = layersToSend(diffIds, await layersOf(connection, alike.map(imageTag)));
    if ((await bytesOf(lacking, source)) < LARGE) return lacking;
  }
  const all = await listImages(connection);
  return layersToSend(
    diffIds,
    await layersOf(
      connection,
      all.map(({ Id }) => Id),
    ),
  );
}

async function bytesOf(layers: ReadonlySet<Digest>, source: ImageSource): Promise<number> {
  const sizes = await Promise.all([...layers].map((layer) => source.layerSize(layer)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function sendArchive(
  connection: Connection,
  image: UnitImage,
  layers: ReadonlySet<Digest>,
  { source, onProgress }: Sending,
  archive: ImageArchive,
): Promise<Sent> {
  const sentBytes = await bytesOf(layers, source);
  // The archive's own headers come on top.
  const told =
    onProgress === undefined ? undefined : (sent: number) => onProgress(Math.min(sent, sentBytes), sentBytes);
  await loadArchive(connection, image.config, archive, told);
  await verifyLoaded(connection, image, archive.manifest ?? image.config);
  return { sentLayers: layers.size, sentBytes };
}

async function verifyLoaded(connection: Connection, image: UnitImage, expected: Digest): Promise<void> {
  const loaded = await inspectImage(connection, imageTag(image.config));
  if (loaded?.Id !== expected) {
    throw new WaybillError('image-not-as-verified', { actual: loaded?.Id ?? 'nothing', expected });
  }
  verifyLayers(image, loaded.RootFS.Layers ?? []);
}

async function keep(connection: Connection, config: Digest, id: string): Promise<void> {
  await call(connection, {
    action: `name the image ${config}`,
    method: 'POST',
    path: `${imagePath(id)}/tag`,
    query: { ...imageNameParts(config) },
  });
}

const listImages = (connection: Connection) =>
  call<readonly { readonly Id: string }[]>(connection, {
    action: 'list images',
    method: 'GET',
    path: '/images/json',
    query: { all: true },
  });

/** The layers of those of these images that the engine has. */
async function layersOf(connection: Connection, names: readonly string[]): Promise<readonly (readonly string[])[]> {
  const seen = await severalAtOnce(AT_ONCE, names, (name) => inspectImage(connection, name));
  return seen.map((image) => image?.RootFS.Layers ?? []);
}
