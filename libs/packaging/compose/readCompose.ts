import { isJsonObject, pointerStep } from '../ram/json.js';
import type { Carrying } from '../ram/carrying.js';
import { fileAttributes } from './attributes.js';
import { readEnvFile } from './envFile.js';
import { fileExtension, keyAt, serviceExtension } from './extension.js';
import { interpolateTree, type Variables } from './interpolate.js';
import { notCompose, type Problems } from './problems.js';
import {
  list,
  member,
  membersOf,
  sortAttributes,
  textsOf,
  type Placed,
  type Reading,
  type Service,
} from './reading.js';
import type { ComposeSource } from './source.js';
import type { FileExtension } from './waybillBlock.js';
import { parseYaml } from './yaml.js';

export interface ReadCompose extends Reading {
  readonly extension: FileExtension;
}

/** Reads the file, puts its variables in, and finds its services. What is wrong is gathered in `problems`. */
export function readCompose(
  { compose, files }: Pick<ComposeSource, 'compose' | 'files'>,
  kept: Carrying,
  problems: Problems,
): ReadCompose {
  const raw = parseYaml(compose);
  if (!isJsonObject(raw)) throw notCompose('', 'a map was expected');
  const extension = fileExtension({ problems }, member({ value: raw, at: '' }, 'x-waybill'));
  const variables = variablesOf(files, extension, problems);
  const { tree, marks } = interpolateTree(raw, variables, (at) =>
    problems.refuse(at, 'a $ stands there that no variable follows; a literal one is written $$'),
  );
  const file = isJsonObject(tree) ? tree : raw;
  const top: Placed = { value: file, at: '' };
  const reading = {
    file,
    marks,
    variables,
    files,
    kept,
    problems,
    extension: fileExtension({ problems }, member(top, 'x-waybill')),
  };
  sortAttributes(reading, undefined, top, fileAttributes);
  return { ...reading, services: servicesOf({ kept, problems }, member(top, 'services')) };
}

/** What `.env` says, later lines after earlier ones. */
function variablesOf(files: ComposeSource['files'], { generate }: FileExtension, problems: Problems): Variables {
  const stated = new Map<string, string>();
  const generated = new Set(generate);
  const text = Object.hasOwn(files, '.env') ? files['.env'] : undefined;
  const wrong = (line: number) => problems.refuse('', `line ${line} of .env is no NAME=value`);
  for (const { name, value } of readEnvFile(text ?? '', { stated, generated: new Set() }, wrong))
    stated.set(name, value.text);
  return { stated, generated };
}

function servicesOf(told: Pick<Reading, 'kept' | 'problems'>, placed: Placed): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>();
  const keys = new Set<string>();
  for (const { name, value, at } of membersOf(told, placed)) {
    if (!isJsonObject(value)) {
      told.problems.refuse(at, 'a service is a map');
      continue;
    }
    const profiles = textsOf(told, member({ value, at }, 'profiles'));
    if (profiles.length > 0) {
      // Without its profile Compose does not start it either.
      list(told, undefined, `services ${name}`, value);
      told.kept.tell(
        'profile-left-out',
        'template',
        `The service ${name} is of the profile ${profiles.join(', ')} and becomes no component.`,
      );
      continue;
    }
    const extension = serviceExtension(told, member({ value, at }, 'x-waybill'));
    const key = extension.key ?? keyAt(told, { value: name, at });
    if (key === undefined) continue;
    if (keys.has(key)) told.problems.refuse(at, `two services have the key ${key}`);
    keys.add(key);
    services.set(name, { name, key, at: placed.at + pointerStep(name), body: value, extension });
  }
  if (services.size === 0) told.problems.refuse(placed.at, 'there is no service to publish');
  return services;
}
