import type { ConfigFile } from '../manifest.js';
import { mountPath } from '../ram/volumes.js';
import { holdsSecret } from '../ram/suspicions.js';
import { tellOfText } from '../ram/tellOfText.js';
import { generatedSecret } from './extension.js';
import { plainPath } from './source.js';
import {
  attribute,
  itemsOf,
  list,
  member,
  subject,
  textAt,
  type Placed,
  type Reading,
  type Service,
} from './reading.js';

/** The files that a service is given by `configs` and `secrets`. */
export const givenFiles = (reading: Reading, service: Service): readonly ConfigFile[] => [
  ...grants(reading, service, 'configs', (name) => `/${name}`),
  ...grants(reading, service, 'secrets', (name) => `/run/secrets/${name}`),
];

function grants(
  reading: Reading,
  service: Service,
  kind: 'configs' | 'secrets',
  usualPath: (name: string) => string,
): readonly ConfigFile[] {
  return itemsOf(reading, attribute(service, kind)).flatMap((item) => {
    const long = typeof item.value !== 'string';
    const text = (name: string) => (long ? textAt(reading, member(item, name)) : undefined);
    const source = long ? text('source') : textAt(reading, item);
    const content = contentOf(reading, kind, source ?? '', item.at);
    const target = text('target') ?? source ?? '';
    const path = mountPath(target.startsWith('/') ? target : usualPath(target));
    for (const owner of ['uid', 'gid'])
      if ((text(owner) ?? '0') !== '0') list(reading, service, `${kind} ${source ?? ''} ${owner}`, text(owner) ?? '');
    if (content === undefined) return [];
    if (path === undefined) {
      reading.problems.refuse(item.at, `nothing can be mounted at ${target}`);
      return [];
    }
    return [fileOf(reading, service, source ?? '', path, content, modeOf(reading, member(item, 'mode'), long))];
  });
}

/** A file of a component, and what a publisher must know of it. */
export function fileOf(
  reading: Reading,
  service: Service,
  name: string,
  path: string,
  content: string,
  mode = 0o444,
): ConfigFile {
  const secret = holdsSecret(content) || (path.startsWith('/run/secrets/') && !content.includes('**None'));
  tellOfText(
    {
      subject: subject(service),
      what: `The file ${path}`,
      text: content,
      secret: secret ? 'seems to hold a secret' : undefined,
    },
    reading.kept,
  );
  const put = /\$\{[A-Za-z_][\w.-]*(?::[^}]*)?\}/.exec(content)?.[0];
  if (put !== undefined)
    reading.kept.tell(
      'text-substituted',
      subject(service),
      `The file ${path} holds ${put}, which is replaced here when the component has such a variable or a default follows.`,
    );
  return { name, path, content, mode };
}

function modeOf(reading: Reading, placed: Placed, long: boolean): number {
  const text = long ? textAt(reading, placed) : undefined;
  if (text === undefined) return 0o444;
  if (/^0?o?[0-7]{3,4}$/.test(text)) return parseInt(text.replace('o', ''), 8);
  reading.problems.refuse(placed.at, `"${text}" is no mode such as 0440`);
  return 0o444;
}

function contentOf(reading: Reading, kind: 'configs' | 'secrets', name: string, at: string): string | undefined {
  const { file, problems, variables } = reading;
  const definition = member(member({ value: file, at: '' }, kind), name);
  const generated = kind === 'secrets' ? generatedSecret(reading, member(definition, 'x-waybill')) : undefined;
  if (generated !== undefined) return `**None:${generated}**`;
  const [from, text, variable] = [
    member(definition, 'file'),
    member(definition, 'content'),
    member(definition, 'environment'),
  ];
  if (from.value !== null) return namedFile(reading, from)?.text;
  if (text.value !== null) return textAt(reading, text);
  const environment = textAt(reading, variable);
  if (environment !== undefined) {
    if (variables.generated.has(environment)) return `**None:${environment}**`;
    const known = variables.stated.get(environment);
    if (known === undefined)
      problems.refuse(variable.at, `the variable ${environment} has no value: write it into .env, or generate it`);
    return known;
  }
  problems.refuse(at, `${kind} ${name} is not in the file, or lies outside of it (external)`);
  return undefined;
}

/** A file beside the Compose file, that it names. */
export function namedFile(
  { problems, files }: Pick<Reading, 'problems' | 'files'>,
  placed: Placed,
  optional = false,
): { readonly path: string; readonly text: string } | undefined {
  const stated = textAt({ problems }, placed) ?? '';
  const path = plainPath(stated);
  const text = path !== undefined && Object.hasOwn(files, path) ? files[path] : undefined;
  if (path !== undefined && text !== undefined) return { path, text };
  if (!optional)
    problems.refuse(
      placed.at,
      path === undefined ? `"${stated}" is not below the folder of the Compose file` : `the file ${path} was not given`,
    );
  return undefined;
}
