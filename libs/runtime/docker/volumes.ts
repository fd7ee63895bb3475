import type { VolumeInspectInfo } from 'dockerode';
import { printable, WaybillError, type ComponentKey, type InstanceId } from '@waybill/kernel';
import { call, callFor } from './call.js';
import type { Connection } from './connection.js';
import { LABEL, labelled } from './labels.js';

const volumePath = (name: string): string => `/volumes/${encodeURIComponent(name)}`;

const inspectVolume = (connection: Connection, name: string): Promise<VolumeInspectInfo | undefined> =>
  callFor<VolumeInspectInfo>(connection, {
    action: `inspect the volume ${name}`,
    method: 'GET',
    path: volumePath(name),
  });

/** @throws WaybillError `object-not-ours` when a volume of that name belongs to something else */
export async function ensureVolume(
  connection: Connection,
  name: string,
  labels: { readonly instance: InstanceId; readonly component: ComponentKey; readonly volume: string },
): Promise<void> {
  const found =
    (await inspectVolume(connection, name)) ??
    (await call<VolumeInspectInfo>(connection, {
      action: `make the volume ${name}`,
      method: 'POST',
      path: '/volumes/create',
      body: {
        Name: name,
        Labels: {
          [LABEL.instance]: labels.instance,
          [LABEL.component]: labels.component,
          [LABEL.volume]: printable(labels.volume),
        },
      },
    }));
  // Making a volume that exists answers with the existing one, so the labels are looked at in either case.
  if ((found.Labels as Record<string, string> | null)?.[LABEL.instance] !== labels.instance) {
    throw new WaybillError('object-not-ours', { kind: 'volume', name });
  }
}

export async function listVolumes(connection: Connection, instance: InstanceId): Promise<readonly string[]> {
  const { Volumes } = await call<{ readonly Volumes: readonly VolumeInspectInfo[] | null }>(connection, {
    action: 'list volumes',
    method: 'GET',
    path: '/volumes',
    query: { filters: labelled({ [LABEL.instance]: instance }) },
  });
  return (Volumes ?? []).map(({ Name }) => Name).sort();
}

/** A volume that is gone is fine. @throws WaybillError `object-not-ours`, `engine-refused` while a container uses it */
export async function removeVolume(connection: Connection, name: string): Promise<void> {
  const found = await inspectVolume(connection, name);
  if (found === undefined) return;
  if ((found.Labels as Record<string, string> | null)?.[LABEL.instance] === undefined) {
    throw new WaybillError('object-not-ours', { kind: 'volume', name });
  }
  await callFor(connection, { action: `remove the volume ${name}`, method: 'DELETE', path: volumePath(name) });
}
