import { nameOf } from '../domain/desired.js';
import { notAllowed } from './addressItem.js';

const settable = ['env', 'file', 'publish', 'schedule', 'endpoints', 'memory', 'cpu', 'replicas'] as const;
const named: ReadonlySet<(typeof settable)[number]> = new Set(['env', 'file', 'publish']);

/** Of what kind an item is. @throws WaybillError `setting-not-allowed` */
export function settableKind(item: string, path: string): (typeof settable)[number] {
  const found = settable.find((one) => path === one || path.startsWith(`${one}/`));
  if (found === undefined || (nameOf(path) === '') === named.has(found)) {
    throw notAllowed(
      item,
      'a site sets env/NAME, file/PATH, publish/PORT, schedule, endpoints, memory, cpu and replicas; the rest is the template’s.',
    );
  }
  return found;
}

/** Is it an item that a site may own? */
export const isSettable = (path: string): boolean =>
  settable.some((kind) => path === kind || path.startsWith(`${kind}/`));
