import {
  isVersion,
  isWaybillError,
  templateKey,
  WaybillError,
  type ComponentKey,
  type TemplateKey,
} from '@waybill/kernel';
import type { Manifest, ManifestComponent, ManifestImage, Workload } from '../manifest.js';
import type { NormalisedSource } from '../normalisedSource.js';
import { defaultLimits, type PackagedImage, type ReadLimits } from '../package.js';
import { carrying, subjectOf, type Carrying } from './carrying.js';
import { envOf } from './env.js';
import { imageFinder, type FindImage } from './findImage.js';
import { identitiesOf, type Identities } from './identities.js';
import type { JsonValue } from './json.js';
import type { RamComponent, RamMetadata, RamPlugin } from './metadata.js';
import { byText } from './order.js';
import { portsOf } from './ports.js';
import { probesOf } from './probes.js';
import { dependenciesOf, mountsOf, tellOfCycles } from './relations.js';
import { replicasOf, resourcesOf } from './resources.js';
import { configGroupsOf, routesOf } from './sharedParts.js';
import { invalid } from './strictJson.js';
import { tellOfStart } from './tellOfStart.js';
import { tellOfText } from './tellOfText.js';
import { volumesOf } from './volumes.js';
import { workloadOf } from './workload.js';

export interface NormalisedRam extends NormalisedSource {
  /** Which image of the archive each component runs; external components have none. */
  readonly imageOf: ReadonlyMap<ComponentKey, PackagedImage>;
}

/**
 * Makes the manifest of what the metadata says. Two packages of one content give one manifest, whatever order, tags, times and registries their
 * exporters wrote.
 * @throws WaybillError `package-image-missing`, `template-invalid` (two components with one key), `package-metadata-invalid` (a key that is none),
 * `package-limit-exceeded`
 */
export function normaliseRam(
  metadata: RamMetadata,
  images: readonly PackagedImage[],
  limits: Pick<ReadLimits, 'parts'> = defaultLimits,
): NormalisedRam {
  const kept = carrying(limits);
  const findImage = imageFinder(images);
  const identities = identitiesOf(metadata.components, kept);
  const imageOf = new Map<ComponentKey, PackagedImage>();
  const components = identities.keyed
    .map(({ key, component }) => {
      const made = componentOf(component, key, identities, kept);
      const image = imageFor(component, made, findImage, kept);
      if (image === undefined) return made;
      imageOf.set(key, image);
      return { ...made, image: manifestImage(image) };
    })
    .sort(byText(({ key }) => [key]));
  tellOfCycles(components, kept);
  for (const component of components) tellOfStart(component, kept);
  const configGroups = configGroupsOf(metadata, identities, kept);
  const routes = routesOf(metadata, identities, kept);
  carryTemplateParts(metadata, findImage, kept);
  const manifest: Manifest = {
    schema: 1,
    template: { key: keyOf(metadata), name: metadata.groupName },
    version: metadata.groupVersion,
    components,
    configGroups,
    routes,
    carried: kept.parts(),
  };
  return { manifest, documents: kept.documents, notices: kept.notices(), imageOf };
}

function componentOf(
  component: RamComponent,
  key: ComponentKey,
  identities: Identities,
  kept: Carrying,
): ManifestComponent {
  const ports = portsOf(component, key, kept);
  const hostHint = ports.find((port) => port.hostHint !== undefined)?.hostHint ?? component.k8sName;
  const workload = workloadOf(component, key, kept);
  carryComponentParts(component, key, workload, kept);
  tellOfText({ subject: subjectOf(key), what: 'The command', text: component.command }, kept);
  return {
    key,
    aliases: component.shareUuid === '' || component.shareUuid === key ? [] : [component.shareUuid],
    name: component.cname || key,
    ...(hostHint === '' ? {} : { hostHint }),
    workload,
    ...(component.endpoints.info === '' ? {} : { endpoints: component.endpoints.info }),
    ...(component.command.trim() === '' ? {} : { command: component.command }),
    env: envOf(component, key, ports, hostsBeside(component, identities), kept),
    ports,
    ...volumesOf(component, key, kept),
    mounts: mountsOf(component, key, identities, kept),
    dependencies: dependenciesOf(component, key, identities, kept),
    probes: probesOf(component, key, kept),
    resources: resourcesOf(component),
    replicas: replicasOf(component),
  };
}

/** By what names others are found in the reference system. */
const hostsBeside = (component: RamComponent, { keyed }: Identities): readonly string[] =>
  keyed
    .filter((other) => other.component !== component)
    .flatMap(({ component: { k8sName, ports } }) => [k8sName, ...ports.map(({ k8sServiceName }) => k8sServiceName)])
    .filter((host) => host !== '');

function imageFor(
  component: RamComponent,
  { key, workload }: ManifestComponent,
  findImage: FindImage,
  kept: Carrying,
): PackagedImage | undefined {
  if (workload.kind === 'external') return undefined;
  const found = component.image === '' ? undefined : findImage(component.image);
  if (found === undefined) {
    const image = component.image === '' ? '(it names none)' : component.image;
    if (workload.kind !== 'unsupported') throw new WaybillError('package-image-missing', { component: key, image });
    kept.tell('image-missing', subjectOf(key), `Its image ${image} is not in the package.`);
    return undefined;
  }
  if (found.rule !== 'exact')
    kept.tell(
      'image-by-equivalence',
      subjectOf(key),
      `The image ${component.image} is in the package as ${found.reference}.`,
    );
  if (component.arch !== '' && !component.arch.split('&').includes(found.image.architecture))
    kept.tell(
      'architecture-differs',
      subjectOf(key),
      `The metadata says ${component.arch}, but the image is for ${found.image.architecture}.`,
    );
  return found.image;
}

const manifestImage = ({ config, layers, os, architecture }: PackagedImage): ManifestImage => ({
  config,
  diffIds: layers.map(({ diffId }) => diffId),
  os,
  architecture,
});

function carryComponentParts(component: RamComponent, key: ComponentKey, workload: Workload, kept: Carrying): void {
  for (const { kind, name, content } of component.parts) kept.carry({ kind, name, component: key, content });
  if (component.job.schedule !== '' && workload.kind !== 'cron')
    kept.carry({ kind: 'job-strategy', name: 'schedule', component: key, content: component.job.schedule });
  for (const { path, value } of component.job.others)
    kept.carry({ kind: 'job-strategy', name: path, component: key, content: value });
  if (!['', 'static'].includes(component.endpoints.type))
    kept.carry({
      kind: 'endpoints-type',
      name: component.endpoints.type,
      component: key,
      content: component.endpoints.type,
    });
  for (const { path, value } of component.unread)
    kept.carry({ kind: 'unknown-field', name: path, component: key, content: value });
}

function carryTemplateParts(metadata: RamMetadata, findImage: FindImage, kept: Carrying): void {
  for (const { kind, name, content } of metadata.parts) kept.carry({ kind, name, content });
  for (const plugin of metadata.plugins)
    kept.carry({ kind: 'plugin', name: plugin.name, content: pluginContent(plugin, findImage) });
  // In both of these modes components find each other as they do here; the place of installation decides, not the package.
  if (!['BUILD_IN_SERVICE_MESH', 'KUBERNETES_NATIVE_SERVICE'].includes(metadata.governanceMode))
    kept.carry({ kind: 'governance-mode', name: metadata.governanceMode, content: metadata.governanceMode });
  for (const { path, value } of metadata.unread) kept.carry({ kind: 'unknown-field', name: path, content: value });
  if (!/^v[123]$/.test(metadata.templateVersion))
    kept.tell('template-version-unknown', 'template', `The template version ${metadata.templateVersion} is not known.`);
  if (!isVersion(metadata.groupVersion))
    kept.tell(
      'version-not-ordered',
      'template',
      `"${metadata.groupVersion}" is no version number that orders; name one when you confirm the import.`,
    );
}

/** The plugin's image by what it is, where the package has it, since tags mean nothing. */
function pluginContent({ content, image }: RamPlugin, findImage: FindImage): JsonValue {
  const found = image === '' ? undefined : findImage(image);
  if (found === undefined) return content;
  return Object.assign(Object.create(null) as object, content, { image: found.image.config });
}

function keyOf(metadata: RamMetadata): TemplateKey {
  try {
    return templateKey(metadata.groupKey);
  } catch (cause) {
    throw invalid('/group_key', isWaybillError(cause) ? cause.message.replace(/\.$/, '') : 'no key', cause);
  }
}
