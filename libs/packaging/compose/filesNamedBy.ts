import { isJsonObject } from '../ram/json.js';
import { carrying } from '../ram/carrying.js';
import { defaultLimits } from '../package.js';
import { sortedTexts } from '../ram/order.js';
import { problems } from './problems.js';
import { readCompose } from './readCompose.js';
import { attribute, itemsOf, member, membersOf, type Placed } from './reading.js';

/**
 * The files that a Compose file names, as written: what a publisher sends along when they are there. `.env` is not among them.
 * @param dotEnv the text of `.env` beside it
 * @throws WaybillError `compose-invalid`, `package-limit-exceeded`
 */
export function filesNamedBy(compose: string, dotEnv = ''): readonly string[] {
  const told = { problems: problems() };
  const reading = readCompose({ compose, files: { '.env': dotEnv } }, carrying(defaultLimits), told.problems);
  const top: Placed = { value: reading.file, at: '' };
  const defined = (['configs', 'secrets'] as const).flatMap((kind) =>
    membersOf(told, member(top, kind)).map((definition) => member(definition, 'file').value),
  );
  const used = [...reading.services.values()].flatMap((service) => [
    ...itemsOf(told, attribute(service, 'env_file'), true).map(({ value }) =>
      isJsonObject(value) ? value['path'] : value,
    ),
    ...itemsOf(told, attribute(service, 'volumes')).map(({ value }) =>
      isJsonObject(value) ? value['type'] === 'bind' && value['source'] : typeof value === 'string' && boundIn(value),
    ),
  ]);
  return sortedTexts([...defined, ...used].filter((path) => typeof path === 'string' && path !== '') as string[]);
}

const boundIn = (volume: string): string | false =>
  /^[./~]/.test(volume) && volume.includes(':') && (volume.split(':')[0] ?? '');
