import type { ComponentPort, EnvVariable } from '../manifest.js';
import { subjectOf, type Carrying } from './carrying.js';
import { distinct } from './distinct.js';
import type { RamComponent, RamEnv } from './metadata.js';
import { namesSecret, SECRET } from './suspicions.js';
import { tellOfConnection, tellOfText } from './tellOfText.js';

/** The environment variables of a component, own and offered ones together, sorted by name. */
export function envOf(
  component: RamComponent,
  key: string,
  ports: readonly ComponentPort[],
  /** Of the other components. */
  hosts: readonly string[],
  carrying: Carrying,
): readonly EnvVariable[] {
  const numbers = new Set(ports.map(({ port }) => port));
  const usable = component.env.filter((variable) => {
    // The reference system skips a variable without a name.
    if (variable.name === '')
      carrying.tell('variable-unnamed', subjectOf(key), 'A variable without a name is passed over.');
    if (variable.name === '') return false;
    const why = whyUnusable(variable);
    if (why !== undefined)
      carrying.carry({
        kind: 'unusable-variable',
        name: variable.name,
        component: key,
        content: variable.source,
        why,
      });
    return why === undefined;
  });
  // An offered variable reaches its own component as well, so of two with one name it says more.
  const rank = (variable: RamEnv) => (variable.scope === 'offered' ? '0' : '1');
  return distinct(usable, 'variable', key, ({ name }) => name, carrying, rank).map((variable) => {
    const port = portOf(variable, numbers);
    const secret = SECRET.exec(variable.value.trim());
    if (port === undefined && secret === null) {
      const { name, value, editable, scope } = variable;
      const isVariable = editable || scope === 'offered';
      tellOfConnection({ subject: subjectOf(key), name, value, isVariable }, hosts, carrying);
      tellOfText(
        {
          subject: subjectOf(key),
          what: `The variable ${variable.name}`,
          text: variable.value,
          secret: namesSecret(variable.name, variable.value) ? 'looks like a secret and stands' : undefined,
        },
        carrying,
      );
    }
    return {
      name: variable.name,
      value: secret === null ? variable.value : '',
      scope: variable.scope,
      ...(variable.label === '' ? {} : { label: variable.label }),
      editable: variable.editable,
      ...(port === undefined ? {} : { port }),
      ...(secret === null ? {} : { secret: secret.groups?.['group'] ? { group: secret.groups['group'] } : {} }),
    };
  });
}

/** What no container can be given. */
function whyUnusable({ name, value }: RamEnv): string | undefined {
  if (name.includes('=')) return 'the name of a variable holds no equals sign';
  return `${name}${value}`.includes('\0') ? 'no process can be given a variable with a NUL in it' : undefined;
}

const portOf = (variable: RamEnv, ports: ReadonlySet<number>): number | undefined =>
  /_(?:HOST|PORT)$/.test(variable.name) && ports.has(variable.port) ? variable.port : undefined;
