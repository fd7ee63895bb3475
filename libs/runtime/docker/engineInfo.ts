import type { EngineId } from '@waybill/kernel';
import type { Engine } from '../runtime.js';
import { call } from './call.js';
import type { Connection } from './connection.js';

interface Info {
  readonly ID: string;
  readonly Name: string;
  readonly ServerVersion: string;
  readonly OSType: string;
  readonly Architecture: string;
  readonly DriverStatus: readonly (readonly string[])[] | null;
}

/** How the engine keeps images: in layers of its own, or in containerd's store. */
export type ImageStore = 'classic' | 'containerd';

export interface EngineInfo {
  readonly engine: Engine;
  readonly imageStore: ImageStore;
}

export async function engineInfo(connection: Connection): Promise<EngineInfo> {
  const info = await call<Info>(connection, { action: 'describe itself', method: 'GET', path: '/info' });
  const said: EngineInfo = {
    engine: {
      id: info.ID as EngineId,
      name: info.Name,
      version: info.ServerVersion,
      os: info.OSType,
      architecture: goArchitecture(info.Architecture),
      kind: 'docker',
    },
    imageStore: imageStore(info.DriverStatus),
  };
  lastSaid.set(connection.docker, said);
  return said;
}

const lastSaid = new WeakMap<Connection['docker'], EngineInfo>();

/** As it described itself last, which every rollout begins with: to do so takes an engine longer than to inspect something. */
export const knownInfo = (connection: Connection): EngineInfo | Promise<EngineInfo> =>
  lastSaid.get(connection.docker) ?? engineInfo(connection);

export const imageStore = (driverStatus: Info['DriverStatus']): ImageStore =>
  (driverStatus ?? []).some(([, value]) => value?.startsWith('io.containerd.snapshotter') === true)
    ? 'containerd'
    : 'classic';

const GO_NAMES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i386: '386',
  i686: '386',
};

/** The engine names machines as the kernel does, images as Go does. */
export const goArchitecture = (name: string): string => GO_NAMES[name] ?? name;
