import { isWaybillError, templateKey, WaybillError, type ComponentKey, type TemplateKey } from '@waybill/kernel';
import type { Manifest, ManifestComponent } from '../manifest.js';
import type { NormalisedSource } from '../normalisedSource.js';
import { defaultLimits, type PackagedImage, type ReadLimits } from '../package.js';
import { carrying } from '../ram/carrying.js';
import { cyclesIn } from '../ram/cycles.js';
import { tellOfStart } from '../ram/tellOfStart.js';
import { tellOfText } from '../ram/tellOfText.js';
import type { FindImage } from '../ram/findImage.js';
import { byText, sortedTexts } from '../ram/order.js';
import { saysTheUsual, serviceAttributes } from './attributes.js';
import {
  commandOf,
  dependenciesOf,
  probesOf,
  replicasOf,
  resourcesOf,
  workloadOf,
  type Dependency,
} from './behaviour.js';
import { environmentOf } from './environment.js';
import { imageOf, pinnedFinder } from './images.js';
import { networksIn, tellOfNames } from './networks.js';
import { portsOf } from './ports.js';
import { problems } from './problems.js';
import { readCompose, type ReadCompose } from './readCompose.js';
import { sortAttributes, subject, textAt, type Service } from './reading.js';
import type { ComposeSource, TakenSource } from './source.js';
import { takenComponent, type NormaliseOther } from './takenComponent.js';
import { mountedIn, volumeOwners } from './volumes.js';

/**
 * Makes the manifest of a Compose file. Every attribute is applied, or kept and listed, or refused; what is refused is told all at once.
 * @throws WaybillError `compose-invalid` (no YAML, no Compose file), `compose-refused` (what cannot be carried), `package-image-missing`,
 * `package-limit-exceeded`
 * @param normaliseOther for components of other versions; absent: they are refused
 */
export function normaliseCompose(
  source: ComposeSource,
  images: readonly PackagedImage[],
  limits: Pick<ReadLimits, 'parts'> = defaultLimits,
  normaliseOther?: NormaliseOther,
): NormalisedSource {
  const kept = carrying(limits);
  const found = problems();
  const reading = readCompose(source, kept, found);
  // What is wrong with the file is told before what is missing beside it.
  const missing: { readonly component: ComponentKey; readonly image: string }[] = [];
  const find = pinnedFinder(source, images);
  const components = componentsOf(
    reading,
    find,
    (component, image) => missing.push({ component, image }),
    (service) => takenComponent(reading, service, takenBy(source, service), images, normaliseOther),
  );
  for (const component of components) tellOfStart(component, kept);
  networksIn(reading);
  tellOfNames(reading, components);
  tellOfVariables(reading);
  const key = keyOf(source, reading);
  const version = source.version ?? reading.extension.version;
  if (version === undefined) found.refuse('/x-waybill/version', 'nothing says which version it is');
  found.end();
  if (key === undefined || version === undefined) throw new Error('what is missing was told');
  const [lacking] = missing;
  if (lacking !== undefined) throw new WaybillError('package-image-missing', lacking);
  const name = reading.extension.name ?? textAt(reading, { value: reading.file['name'] ?? null, at: '/name' });
  const manifest: Manifest = {
    schema: 1,
    template: { key, name: name ?? key },
    version,
    components,
    configGroups: [],
    routes: [],
    carried: kept.parts(),
  };
  return { manifest, documents: kept.documents, notices: kept.notices() };
}

function componentsOf(
  reading: ReadCompose,
  find: FindImage,
  missing: (component: ComponentKey, image: string) => void,
  take: (service: Service) => Omit<ManifestComponent, 'dependencies'> | undefined,
): readonly ManifestComponent[] {
  const names = new Set(reading.services.keys());
  const services = [...reading.services.values()];
  const dependencies = new Map(services.map((service) => [service, dependenciesOf(reading, service, names)]));
  const awaited = new Set(
    [...dependencies.values()].flat().flatMap(({ service, completed }) => (completed ? [service] : [])),
  );
  tellOfCycles(reading, dependencies);
  const owners = volumeOwners(reading);
  const uses = (service: Service) =>
    sortedTexts((dependencies.get(service) ?? []).flatMap((one) => reading.services.get(one.service)?.key ?? []));
  return services
    .flatMap((service): readonly ManifestComponent[] => {
      if (service.extension.from !== undefined) {
        const taken = take(service);
        return taken === undefined ? [] : [{ ...taken, dependencies: uses(service) }];
      }
      sortAttributes(reading, service, { value: service.body, at: service.at }, serviceAttributes, saysTheUsual);
      const ports = portsOf(reading, service);
      const mounted = mountedIn(reading, service, owners);
      const keepsData = mounted.volumes.some(({ kind }) => kind === 'persistent');
      const command = commandOf(reading, service);
      tellOfText({ subject: subject(service), what: 'The command', text: command ?? '' }, reading.kept);
      const image = imageOf(reading, service, find, (reference) => missing(service.key, reference));
      return [
        {
          key: service.key,
          aliases: [],
          name: service.extension.name ?? service.name,
          // Other services call it by this name.
          hostHint: service.name,
          workload: workloadOf(reading, service, awaited.has(service.name), keepsData),
          ...(image === undefined ? {} : { image }),
          ...(command === undefined || command.trim() === '' ? {} : { command }),
          env: environmentOf(reading, service, ports),
          ports,
          ...mounted,
          dependencies: uses(service),
          probes: probesOf(reading, service),
          resources: resourcesOf(reading, service),
          replicas: replicasOf(reading, service),
        },
      ];
    })
    .sort(byText(({ key }) => [key]));
}

const takenBy = ({ taken = {} }: ComposeSource, { name }: Service): TakenSource | undefined =>
  Object.hasOwn(taken, name) ? taken[name] : undefined;

function tellOfCycles(
  { problems: found }: ReadCompose,
  dependencies: ReadonlyMap<Service, readonly Dependency[]>,
): void {
  const byName = new Map([...dependencies].map(([{ name }, used]) => [name, used.map(({ service }) => service)]));
  for (const ring of cyclesIn(byName))
    found.refuse('/services', `these services depend on each other in a ring: ${ring.join(', ')}`);
}

/** A variable in the environment or in the text of a configuration can be given by a site; all else is fixed when a version is published. */
function tellOfVariables({ marks, kept, problems: found }: ReadCompose): void {
  for (const [at, { names, unset, secrets }] of marks) {
    const environment = /^\/services\/[^/]+\/environment\//.test(at);
    const text = /^\/configs\/[^/]+\/content$/.test(at);
    const open = unset.length > 0 && !environment;
    if (open)
      found.refuse(at, `the variable ${unset.join(', ')} has no value here: give a default, or write it into .env`);
    if (secrets.length > 0 && !environment && !text)
      found.refuse(at, `the generated value ${secrets.join(', ')} can be put into variables and files only`);
    else if (!open && !environment && names.some((name) => !secrets.includes(name)))
      kept.tell(
        'variable-fixed',
        'template',
        `At ${at} the variable ${names.join(', ')} was put in when the version was published.`,
      );
  }
}

function keyOf(source: ComposeSource, { extension, file, problems: found }: ReadCompose): TemplateKey | undefined {
  const name = file['name'];
  const stated = source.template ?? extension.template ?? (typeof name === 'string' ? name : undefined);
  try {
    if (stated !== undefined) return templateKey(stated);
    found.refuse('/x-waybill/template', 'nothing says which template it is');
  } catch (cause) {
    found.refuse('/x-waybill/template', isWaybillError(cause) ? cause.message.replace(/\.$/, '') : 'it is no key');
  }
  return undefined;
}
