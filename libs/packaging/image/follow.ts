import { refused } from '../tar/entryNames.js';
import type { Found } from './collectEntries.js';

/** The entry of that name, links followed; a link may come before what it leads to. @throws WaybillError `package-entry-refused` for a circle */
export function follow(
  entries: ReadonlyMap<string, Found>,
  name: string,
): Exclude<Found, { readonly kind: 'link' }> | undefined {
  const passed = new Set<string>();
  let at = name;
  for (;;) {
    const found = entries.get(at);
    if (found?.kind !== 'link') return found;
    if (passed.has(at)) throw refused(name, 'its links lead in a circle.');
    passed.add(at);
    at = found.target;
  }
}
