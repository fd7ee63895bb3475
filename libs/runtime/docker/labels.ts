import {
  digest,
  isDigest,
  printable,
  type ComponentKey,
  type Digest,
  type InstanceId,
  type RecordId,
} from '@waybill/kernel';
import type { UnitRef, UnitSpec } from '../runtime.js';

/** The labels on everything Waybill makes, so that what is observed can be compared with what is wanted. */
export const LABEL = {
  instance: 'waybill.instance',
  instanceName: 'waybill.instance-name',
  component: 'waybill.component',
  componentName: 'waybill.component-name',
  record: 'waybill.record',
  spec: 'waybill.spec',
  replica: 'waybill.replica',
  replicas: 'waybill.replicas',
  host: 'waybill.host',
  /** Its other names on the inside network, parted by spaces. */
  aliases: 'waybill.aliases',
  image: 'waybill.image',
  /** Its fixed address on the inside network. */
  address: 'waybill.address',
  network: 'waybill.network',
  volume: 'waybill.volume',
} as const;

export type Labels = Readonly<Record<string, string>>;

export function unitLabels(ref: UnitRef, spec: UnitSpec, replica: number, address: string): Labels {
  return {
    [LABEL.instance]: ref.instance,
    [LABEL.instanceName]: printable(spec.instanceName),
    [LABEL.component]: ref.component,
    // A package calls a component what it likes, and `docker ps` prints labels as they are.
    [LABEL.componentName]: printable(spec.componentName),
    [LABEL.record]: ref.record,
    [LABEL.spec]: ref.specDigest,
    [LABEL.replica]: String(replica),
    [LABEL.replicas]: String(spec.replicas),
    [LABEL.host]: spec.host,
    ...(spec.aliases === undefined ? {} : { [LABEL.aliases]: spec.aliases.join(' ') }),
    [LABEL.image]: spec.image.config,
    [LABEL.address]: address,
  };
}

/** Which unit a container's labels name; `undefined` when they name none. */
export function refOf(labels: Labels): UnitRef | undefined {
  const [instance, component, record, spec] = [
    labels[LABEL.instance],
    labels[LABEL.component],
    labels[LABEL.record],
    labels[LABEL.spec],
  ];
  if (instance === undefined || component === undefined || record === undefined) return undefined;
  if (spec === undefined || !isDigest(spec)) return undefined;
  return {
    instance: instance as InstanceId,
    component: component as ComponentKey,
    record: record as RecordId,
    specDigest: digest(spec),
  };
}

/** The same generation of the same component, whatever its specification? */
export const isOf = (labels: Labels, ref: UnitRef): boolean =>
  labels[LABEL.instance] === ref.instance &&
  labels[LABEL.component] === ref.component &&
  labels[LABEL.record] === ref.record;

/** The engine's filter for these labels. */
export const labelled = (labels: Labels): string =>
  JSON.stringify({ label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) });

/** All names of a component on the inside network. */
export const namesOf = (labels: Labels): readonly string[] => [
  labels[LABEL.host] ?? '',
  ...(labels[LABEL.aliases]?.split(' ') ?? []),
];

export function imageOf(labels: Labels): Digest | undefined {
  const image = labels[LABEL.image];
  return image !== undefined && isDigest(image) ? image : undefined;
}
