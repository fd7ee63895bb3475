import type { ContainerInspectInfo } from 'dockerode';
import { digest, type Digest, type InstanceId } from '@waybill/kernel';
import type { ObservedContainer, UnitRef } from '../runtime.js';
import { call, callFor } from './call.js';
import type { Connection } from './connection.js';
import { imageOf, LABEL, labelled, type Labels, refOf } from './labels.js';

/** A container of ours as the engine has it now. */
export interface OwnContainer {
  readonly id: string;
  readonly name: string;
  readonly ref: UnitRef;
  readonly replica: number;
  readonly labels: Labels;
  /** Its fixed address on the inside network. */
  readonly address: string;
  /** Was it made to hold host ports? */
  readonly publishes: boolean;
  readonly info: ContainerInspectInfo;
}

export const containerPath = (idOrName: string): string => `/containers/${encodeURIComponent(idOrName)}`;

/** `undefined`: there is none. */
export const inspectContainer = (
  connection: Connection,
  idOrName: string,
  signal?: AbortSignal,
): Promise<ContainerInspectInfo | undefined> =>
  callFor<ContainerInspectInfo>(connection, {
    action: `inspect the container ${idOrName}`,
    method: 'GET',
    path: `${containerPath(idOrName)}/json`,
    ...(signal === undefined ? {} : { signal }),
  });

/** The containers of a unit, in any state and with any specification, in the order of their replicas. */
export const containersOf = (connection: Connection, ref: UnitRef): Promise<readonly OwnContainer[]> =>
  listOwn(connection, {
    [LABEL.instance]: ref.instance,
    [LABEL.component]: ref.component,
    [LABEL.record]: ref.record,
  });

export const containersOfInstance = (connection: Connection, instance: InstanceId): Promise<readonly OwnContainer[]> =>
  listOwn(connection, { [LABEL.instance]: instance });

async function listOwn(connection: Connection, labels: Labels): Promise<readonly OwnContainer[]> {
  const found = await call<readonly { readonly Id: string }[]>(connection, {
    action: 'list containers',
    method: 'GET',
    path: '/containers/json',
    query: { all: true, filters: labelled(labels) },
  });
  // One may go while it is being looked at.
  const seen = await Promise.all(found.map(({ Id }) => inspectContainer(connection, Id)));
  return seen
    .flatMap((info) => (info === undefined ? [] : (ownContainer(info) ?? [])))
    .sort((a, b) => a.name.localeCompare(b.name) || a.replica - b.replica);
}

export function ownContainer(info: ContainerInspectInfo): OwnContainer | undefined {
  const labels: Labels = info.Config.Labels;
  const ref = refOf(labels);
  if (ref === undefined) return undefined;
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    ref,
    replica: Number(labels[LABEL.replica] ?? 0),
    labels,
    address: labels[LABEL.address] ?? '',
    publishes: Object.keys((info.HostConfig.PortBindings as object | null) ?? {}).length > 0,
    info,
  };
}

export function observed({ info, id, name, labels }: OwnContainer): ObservedContainer {
  const state = info.State;
  const hasRun = !state.StartedAt.startsWith('0001-');
  const hasEnded = state.Status === 'exited' || state.Status === 'dead';
  return {
    id,
    name,
    state: state.Status as ObservedContainer['state'],
    health: healthOf(info),
    ...(hasEnded ? { exitCode: state.ExitCode } : {}),
    ...(hasRun ? { startedAt: state.StartedAt } : {}),
    restarts: info.RestartCount,
    image: imageIdOf(info, labels),
  };
}

// Only the containerd image store names a manifest; it calls images by it, and the label says which configuration that stands for.
function imageIdOf(info: ContainerInspectInfo, labels: Labels): Digest {
  const asked = imageOf(labels);
  return asked !== undefined && 'ImageManifestDescriptor' in info ? asked : digest(info.Image);
}

export function healthOf(info: ContainerInspectInfo): ObservedContainer['health'] {
  const status = info.State.Health?.Status;
  return status === 'healthy' || status === 'unhealthy' || status === 'starting' ? status : 'none';
}
