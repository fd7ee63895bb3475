import type { ConfigFile, SharedMount, Volume } from '../manifest.js';
import { isJsonObject } from '../ram/json.js';
import { byText, sortedTexts } from '../ram/order.js';
import { mountPath } from '../ram/volumes.js';
import { fileOf, givenFiles } from './files.js';
import { plainPath } from './source.js';
import {
  attribute,
  flag,
  itemsOf,
  list,
  member,
  subject,
  textAt,
  type Placed,
  type Reading,
  type Service,
} from './reading.js';
import { bytesOf } from './units.js';

/** What is mounted into a service, in the order of the file. */
type Mount =
  | {
      readonly kind: 'volume';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly at: string;
    }
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly at: string }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly size?: string | undefined; readonly at: string };

export interface Mounted {
  readonly volumes: readonly Volume[];
  readonly files: readonly ConfigFile[];
  readonly mounts: readonly SharedMount[];
}

/** Which service keeps each named volume: the first by key that may write to it, else the first. The others see it there. */
export function volumeOwners(reading: Reading): ReadonlyMap<string, Service> {
  const users = [...reading.services.values()]
    .sort(byText(({ key }) => [key]))
    .flatMap((service) =>
      mountsOf({ ...reading, problems: SILENT, kept: { ...reading.kept, carry: () => undefined } }, service).flatMap(
        (mount) => (mount.kind === 'volume' && mount.source !== '' ? [{ service, mount }] : []),
      ),
    );
  const owners = new Map<string, Service>();
  for (const readOnly of [false, true])
    for (const { service, mount } of users)
      if (mount.readOnly === readOnly && !owners.has(mount.source)) owners.set(mount.source, service);
  return owners;
}

const SILENT: Reading['problems'] = { refuse: () => undefined, end: () => undefined };

export function mountedIn(reading: Reading, service: Service, owners: ReadonlyMap<string, Service>): Mounted {
  const volumes: Volume[] = [];
  const mounts: SharedMount[] = [];
  const files: ConfigFile[] = [...givenFiles(reading, service)];
  for (const mount of mountsOf(reading, service)) {
    const path = mountPath(mount.target);
    if (path === undefined) {
      reading.problems.refuse(mount.at, `nothing can be mounted at "${mount.target}"`);
      continue;
    }
    switch (mount.kind) {
      case 'tmpfs':
        volumes.push({
          name: nameFor(path),
          path,
          kind: 'memory',
          sourceType: 'tmpfs',
          ...capacity(reading, service, mount.size, mount.at),
        });
        break;
      case 'bind':
        files.push(...boundFile(reading, service, mount, path));
        break;
      case 'volume': {
        const owner = owners.get(mount.source) ?? service;
        if (mount.readOnly) list(reading, service, `volumes ${mount.source} read_only`, 'true');
        if (owner !== service) mounts.push({ path, component: owner.key, volume: mount.source });
        else if (volumes.some(({ name }) => name === mount.source))
          reading.problems.refuse(mount.at, `the volume ${mount.source} is mounted twice in one service`);
        else volumes.push({ name: mount.source || nameFor(path), path, kind: 'persistent', sourceType: 'volume' });
      }
    }
  }
  const paths = [...volumes, ...files, ...mounts].map(({ path }) => path);
  for (const path of sortedTexts(paths.filter((one, index) => paths.indexOf(one) !== index)))
    reading.problems.refuse(`${service.at}/volumes`, `two things are mounted at ${path}`);
  const byPath = byText<{ readonly path: string }>(({ path }) => [path]);
  return { volumes: volumes.sort(byPath), files: files.sort(byPath), mounts: mounts.sort(byPath) };
}

function mountsOf(reading: Reading, service: Service): readonly Mount[] {
  return [
    ...itemsOf(reading, attribute(service, 'tmpfs'), true).flatMap((item): readonly Mount[] => {
      const [target = '', ...options] = (textAt(reading, item) ?? '').split(':');
      const size = options
        .join(':')
        .split(',')
        .find((option) => option.startsWith('size='))
        ?.slice('size='.length);
      return [{ kind: 'tmpfs', target, size, at: item.at }];
    }),
    ...itemsOf(reading, attribute(service, 'volumes')).flatMap((item) =>
      typeof item.value === 'string' ? shortMount(item.value, item.at) : longMount(reading, service, item),
    ),
  ];
}

function shortMount(text: string, at: string): readonly Mount[] {
  const [first = '', second, mode = ''] = text.split(':');
  if (second === undefined) return [{ kind: 'volume', source: '', target: first, readOnly: false, at }];
  if (/^[./~]/.test(first)) return [{ kind: 'bind', source: first, target: second, at }];
  return [{ kind: 'volume', source: first, target: second, readOnly: mode.split(',').includes('ro'), at }];
}

function longMount(reading: Reading, service: Service, item: Placed): readonly Mount[] {
  const text = (name: string) => textAt(reading, member(item, name));
  const [type, source = '', target = ''] = [text('type'), text('source'), text('target')];
  const size = member(member(item, 'tmpfs'), 'size');
  const subpath = textAt(reading, member(member(item, 'volume'), 'subpath'));
  if (subpath !== undefined) reading.problems.refuse(item.at, 'a part of a volume cannot be mounted alone');
  const { value } = item;
  for (const name of ['consistency', 'bind', 'volume'])
    if (isJsonObject(value) && value[name] !== undefined && name !== 'bind')
      list(reading, service, `volumes ${target} ${name}`, value[name]);
  switch (type) {
    case 'volume':
      return [{ kind: 'volume', source, target, readOnly: flag(reading, member(item, 'read_only')), at: item.at }];
    case 'bind':
      return [{ kind: 'bind', source, target, at: item.at }];
    case 'tmpfs':
      return [{ kind: 'tmpfs', target, size: textAt(reading, size), at: item.at }];
    default:
      reading.problems.refuse(item.at, `a mount of the type ${type ?? '(none)'} is not carried`);
      return [];
  }
}

/** A single file that was given with the Compose file is carried; all else of the host is not there. */
function boundFile(
  reading: Reading,
  service: Service,
  { source, at }: Extract<Mount, { kind: 'bind' }>,
  path: string,
): readonly ConfigFile[] {
  const file = plainPath(source);
  const text = file !== undefined && Object.hasOwn(reading.files, file) ? reading.files[file] : undefined;
  if (file === undefined || text === undefined) {
    reading.problems.refuse(
      at,
      `the host path ${source} is not carried; use a named volume, or a text file below the folder of the Compose file`,
    );
    return [];
  }
  reading.kept.tell(
    'bind-as-file',
    subject(service),
    `The file ${file} is carried and mounted at ${path}; it cannot be written to from there.`,
  );
  return [fileOf(reading, service, file, path, text, 0o644)];
}

const GIB = 1024 ** 3;

function capacity(
  reading: Reading,
  service: Service,
  size: string | undefined,
  at: string,
): { readonly capacity?: number } {
  if (size === undefined) return {};
  const bytes = bytesOf(size);
  if (bytes === undefined) reading.problems.refuse(at, `"${size}" is no size`);
  else if (bytes % GIB !== 0) list(reading, service, `tmpfs size ${size}`, size);
  return bytes === undefined || bytes === 0 ? {} : { capacity: Math.ceil(bytes / GIB) };
}

const nameFor = (path: string): string => path.slice(1).replaceAll('/', '-');
