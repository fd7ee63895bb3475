import { refused } from '../tar/entryNames.js';
import type { Found } from './collectEntries.js';

/** As many links in a row as an operating system follows. */
const MAX_LINKS = 40;

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
    if (passed.size > MAX_LINKS) throw refused(name, `more than ${MAX_LINKS} links follow each other from there.`);
    at = found.target;
  }
}
