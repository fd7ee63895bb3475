import type { ContainerInspectInfo } from 'dockerode';
import { together, WaybillError } from '@waybill/kernel';
import type { ObservedUnit, OpenSecret, UnitRef, UnitSpec } from '../runtime.js';
import { freeAddress } from './addresses.js';
import { call, callFor } from './call.js';
import type { Connection } from './connection.js';
import { configFiles } from './configFiles.js';
import { containerBody, publishes } from './containerBody.js';
import { containerPath, containersOf, inspectContainer, ownContainer } from './containers.js';
import { knownInfo, type ImageStore } from './engineInfo.js';
import { refusedSaying } from './engineError.js';
import { imageFor } from './images.js';
import { ensureInside } from './inside.js';
import { isOf, LABEL, labelled } from './labels.js';
import { removeContainer, start } from './lifecycle.js';
import { containerName } from './names.js';
import { connectContainer, networksOf, type Networks } from './networks.js';
import { observedUnit } from './observe.js';
import { keepUp } from './restartPolicy.js';
import type { OneAtATime } from './oneAtATime.js';

/** Makes or adopts the containers of a unit and starts them: on the inside network, without the component's name, without its ports. */
export async function stageUnit(
  connection: Connection,
  oneAtATime: OneAtATime,
  ref: UnitRef,
  spec: UnitSpec,
  openSecret: OpenSecret,
): Promise<ObservedUnit> {
  const [{ imageStore }, networks] = await Promise.all([knownInfo(connection), networksOf(connection, ref.instance)]);
  const staging = { connection, oneAtATime, ref, spec, openSecret, networks, imageStore };
  await removeSurplus(connection, ref, spec.replicas);
  await together(Array.from({ length: spec.replicas }, (_, replica) => stageReplica(staging, replica)));
  return observedUnit(ref, await containersOf(connection, ref));
}

interface Staging {
  readonly connection: Connection;
  readonly oneAtATime: OneAtATime;
  readonly ref: UnitRef;
  readonly spec: UnitSpec;
  readonly openSecret: OpenSecret;
  readonly networks: Networks;
  readonly imageStore: ImageStore;
}

// An earlier attempt of the same record may have wanted more of them.
async function removeSurplus(connection: Connection, ref: UnitRef, replicas: number): Promise<void> {
  const surplus = (await containersOf(connection, ref)).filter(({ replica }) => replica >= replicas);
  await together(surplus.map(({ id }) => removeContainer(connection, id)));
}

async function stageReplica(staging: Staging, replica: number): Promise<void> {
  const { connection, ref, spec } = staging;
  const name = containerName(ref, spec, replica);
  const found = await inspectContainer(connection, name);
  if (found !== undefined && (await isAdopted(staging, name, found))) return;
  for (let attempt = 1; ; attempt += 1) {
    const id = await make(staging, name, replica);
    try {
      await start(connection, id);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !refusedSaying(error, /address already in use/i)) throw error;
      await removeContainer(connection, id);
    }
  }
}

const ATTEMPTS = 3;

/** A container with the same specification is taken as it is; a stale or half-made one of ours is cleared away. */
async function isAdopted(staging: Staging, name: string, found: ContainerInspectInfo): Promise<boolean> {
  const { connection, ref, spec } = staging;
  const labels = found.Config.Labels;
  if (!isOf(labels, ref)) throw new WaybillError('object-not-ours', { kind: 'container', name });
  // A container that was never started may lack its files: the crash came in between.
  const isWhole = !['created', 'dead', 'removing'].includes(found.State.Status);
  if (labels[LABEL.spec] !== ref.specDigest || !isWhole) {
    await removeContainer(connection, found.Id);
    return false;
  }
  const hasDone = spec.lifetime === 'once' && found.State.Status === 'exited';
  if (hasDone) return true;
  const container = ownContainer(found);
  if (container !== undefined) {
    await ensureInside(connection, staging.networks, container);
    await keepUp(connection, container);
  }
  await start(connection, found.Id);
  return true;
}

/** A made container that has its files and networks; it is cleared away when something of that fails. */
async function make(staging: Staging, name: string, replica: number): Promise<string> {
  const { connection, oneAtATime, ref, spec, openSecret, networks } = staging;
  const id = await oneAtATime([ref.instance], () => create(staging, name, replica));
  try {
    if (spec.files.length > 0) {
      await call(connection, {
        action: `put config files into the container ${name}`,
        method: 'PUT',
        path: `${containerPath(id)}/archive`,
        query: { path: '/', noOverwriteDirNonDir: true },
        archive: await configFiles(spec.files, openSecret),
      });
    }
    // One that holds ports joins the outside when it serves: that is when the engine opens them.
    if (!publishes(spec, replica)) await connectContainer(connection, networks.outside.name, id);
    return id;
  } catch (error) {
    await removeContainer(connection, id);
    throw error;
  }
}

async function create(staging: Staging, name: string, replica: number): Promise<string> {
  const { connection, ref, spec, openSecret, networks, imageStore } = staging;
  const place = {
    replica,
    image: imageFor(imageStore, spec.image.config),
    insideNetwork: networks.inside.name,
    address: freeAddress(networks.inside.subnet, await takenAddresses(staging)),
  };
  const { Id } = await call<{ readonly Id: string }>(connection, {
    action: `make the container ${name}`,
    method: 'POST',
    path: '/containers/create',
    query: { name },
    body: containerBody(ref, spec, place, openSecret),
  });
  return Id;
}

async function takenAddresses({ connection, ref, networks }: Staging): Promise<ReadonlySet<string>> {
  const [ours, network] = await Promise.all([
    call<readonly { readonly Labels: Readonly<Record<string, string>> }[]>(connection, {
      action: 'list containers',
      method: 'GET',
      path: '/containers/json',
      query: { all: true, filters: labelled({ [LABEL.instance]: ref.instance }) },
    }),
    callFor<{ readonly Containers?: Readonly<Record<string, { readonly IPv4Address: string }>> }>(connection, {
      action: 'inspect a network',
      method: 'GET',
      path: `/networks/${encodeURIComponent(networks.inside.name)}`,
    }),
  ]);
  return new Set([
    ...ours.map(({ Labels }) => Labels[LABEL.address] ?? ''),
    // Someone may have put a container of their own on the network.
    ...Object.values(network?.Containers ?? {}).map(({ IPv4Address }) => IPv4Address.split('/')[0] ?? ''),
  ]);
}
