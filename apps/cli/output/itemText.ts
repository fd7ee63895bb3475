import { shortDigest } from './amounts.js';

/** How people read the values of items: texts as texts, digests short, units named. Not yet safe to print. */
export function valueText(path: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  const kind = path.split('/', 1)[0] ?? '';
  switch (kind) {
    case 'memory':
      return value === 0 ? 'unlimited' : `${plain(value)} MiB`;
    case 'cpu':
      return value === 0 ? 'unlimited' : `${plain(value)} millicores`;
    case 'publish':
      if (typeof value === 'boolean') return value ? 'at any free port of the host' : 'not published';
      return isObject(value) ? objectText(kind, value) : plain(value);
    case 'depends':
    case 'group':
      return value === true ? 'yes' : plain(value);
    default:
      return isObject(value) ? objectText(kind, value) : plain(value);
  }
}

type Value = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Value =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectText(kind: string, value: Value): string {
  if (typeof value['secret'] === 'string') return 'a secret';
  switch (kind) {
    case 'env':
      return typeof value['text'] === 'string' ? plain(value['text']) : JSON.stringify(value);
    case 'image':
      return shortDigest(String(value['config']));
    case 'workload':
      return String(value['kind']);
    case 'file':
      return shortDigest(String(value['document']));
    case 'volume':
      return value['kind'] === 'memory' ? 'in memory' : `${String(value['kind'])} "${String(value['name'])}"`;
    case 'mount':
      return 'file' in value
        ? `file ${String(value['file'])} of ${String(value['component'])}`
        : `volume "${String(value['volume'])}" of ${String(value['component'])}`;
    case 'port':
      return `${String(value['protocol'])}${value['published'] === true ? ', published' : ''}`;
    case 'publish':
      return `at port ${String(value['hostPort'])}/${String(value['protocol'])} of the host`;
    case 'component':
      return `${String(value['name'])}, inside called ${String(value['host'])}`;
    case 'probe':
      return probeText(value);
    default:
      return JSON.stringify(value);
  }
}

function probeText({ check, period, failureThreshold }: Value): string {
  if (!isObject(check)) return JSON.stringify(check);
  const how =
    check['kind'] === 'command'
      ? `command ${String(check['command'])}`
      : `${String(check['kind'])} :${String(check['port'])}${typeof check['path'] === 'string' ? check['path'] : ''}`;
  return `${how}, every ${String(period)} s, ${String(failureThreshold)} failures allowed`;
}

/** `80` is the first replica's, `80/1` the second's. */
function published(name: string): string {
  const [port = '', replica] = name.split('/');
  return `published ${port}${replica === undefined ? '' : ` (replica ${Number(replica) + 1})`}`;
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? (value === '' ? '""' : value) : JSON.stringify(value);

/** `env/LOG_LEVEL` → `env LOG_LEVEL`; `image` → `image`; other components by their names. */
export function itemLabel(path: string, names: ReadonlyMap<string, string> = new Map()): string {
  const slash = path.indexOf('/');
  if (slash === -1) return path;
  const [kind, name] = [path.slice(0, slash), path.slice(slash + 1)];
  switch (kind) {
    case 'depends':
    case 'dependencies':
      return `needs ${names.get(name) ?? name}`;
    case 'publish':
      return published(name);
    case 'probe':
      return `${name} probe`;
    default:
      return `${kind} ${name}`;
  }
}
