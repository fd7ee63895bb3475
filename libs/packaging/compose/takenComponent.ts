import { withoutUndefined, type ComponentKey } from '@waybill/kernel';
import type { ConfigGroup, EnvVariable, Manifest, ManifestComponent } from '../manifest.js';
import type { NormalisedSource } from '../normalisedSource.js';
import type { SourceFormat } from '../sourceFormat.js';
import { defaultLimits, type PackagedImage } from '../package.js';
import { byText } from '../ram/order.js';
import { SECRET } from '../ram/suspicions.js';
import { parseStrictJson } from '../ram/strictJson.js';
import { membersOf, subject, type Reading, type Service } from './reading.js';
import type { TakenSource } from './source.js';

/** Makes the manifest of another version of which only one component is wanted: its other images need not be there. */
export type NormaliseOther = (format: SourceFormat, source: Uint8Array) => NormalisedSource;

const ONLY_THESE = ['depends_on', 'x-waybill'];

/**
 * The component of another version that a service stands for, under this file's key and name; `undefined` when it was refused, or lacks its image.
 * What it depends on is said here, and what groups of the other template shared with it becomes its own.
 */
export function takenComponent(
  reading: Reading,
  service: Service,
  taken: TakenSource | undefined,
  images: readonly PackagedImage[],
  normaliseOther: NormaliseOther | undefined,
): Omit<ManifestComponent, 'dependencies'> | undefined {
  const { from } = service.extension;
  const at = `${service.at}/x-waybill/from`;
  for (const { name, at: where } of membersOf(reading, { value: service.body, at: service.at }))
    if (!ONLY_THESE.includes(name))
      reading.problems.refuse(where, `a component from elsewhere has only ${ONLY_THESE.join(' and ')}`);
  if (from === undefined || taken === undefined || normaliseOther === undefined) {
    reading.problems.refuse(at, 'the version that it is taken from was not found');
    return undefined;
  }
  const other = normaliseOther(taken.format, Buffer.from(taken.source, 'utf8'));
  const component = other.manifest.components.find(({ key }) => key === from.component);
  if (component === undefined) {
    reading.problems.refuse(at, `version ${from.version} of ${from.template} has no component ${from.component}`);
    return undefined;
  }
  if (component.mounts.length > 0)
    reading.problems.refuse(at, 'it mounts volumes of other components, which stay where they are');
  const image = images.find(({ config }) => config === taken.image);
  if (component.image !== undefined && image === undefined) reading.problems.refuse(at, 'its image was not given');
  carryAlong(reading, service, component.key, other);
  const { dependencies: _dependencies, image: _standIn, ...rest } = component;
  return {
    ...rest,
    key: service.key,
    aliases: [],
    name: service.extension.name ?? component.name,
    hostHint: service.name,
    ...(image === undefined ? {} : { image: imageOf(image) }),
    env: withShared(component, other.manifest),
    mounts: [],
  };
}

const imageOf = ({ config, layers, os, architecture }: PackagedImage) => ({
  config,
  diffIds: layers.map(({ diffId }) => diffId),
  os,
  architecture,
});

/** Nothing that was kept of it is lost, and what readers were told of it is told again. */
function carryAlong({ kept }: Reading, service: Service, was: ComponentKey, other: NormalisedSource): void {
  for (const part of other.manifest.carried) {
    const bytes = part.component === was ? other.documents.get(part.content) : undefined;
    if (bytes === undefined) continue;
    const limits = { bytes: Infinity, depth: defaultLimits.jsonDepth, values: Infinity };
    kept.carry({
      kind: part.kind,
      name: part.name,
      component: service.key,
      content: parseStrictJson(bytes, limits, part.name),
      told: false,
    });
  }
  for (const notice of other.notices)
    if (notice.subject === `component:${was}` && !ABOUT_IMAGES.includes(notice.code))
      kept.tell(notice.code as Parameters<typeof kept.tell>[0], subject(service), notice.message);
}

/** Stand-ins were found, not images. */
const ABOUT_IMAGES = ['architecture-differs', 'image-by-equivalence', 'image-missing'];

function ownVariable({ name, value }: ConfigGroup['items'][number]): EnvVariable {
  const placeholder = SECRET.exec(value.trim())?.groups;
  const own = { name, scope: 'own', editable: true } as const;
  if (placeholder === undefined) return { ...own, value };
  return { ...own, value: '', secret: withoutUndefined({ group: placeholder['group'] }) };
}

function withShared(component: ManifestComponent, { configGroups }: Manifest): readonly EnvVariable[] {
  const own = new Set(component.env.map(({ name }) => name));
  const shared = new Map(
    configGroups
      .filter(({ components }) => components.includes(component.key))
      .flatMap(({ items }) => items)
      .filter(({ name }) => !own.has(name))
      .map((item) => [item.name, ownVariable(item)]),
  );
  return [...component.env, ...shared.values()].sort(byText(({ name }) => [name]));
}
