import { sortedTexts } from './order.js';

/** Groups of components that depend on each other in a ring, each sorted, sorted by their first; one that depends on itself is a ring of one. */
export function cyclesIn(dependencies: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const reachable = new Map([...dependencies.keys()].map((key) => [key, reachableFrom(key, dependencies)]));
  const seen = new Set<string>();
  const cycles: (readonly string[])[] = [];
  for (const key of sortedTexts(dependencies.keys())) {
    const reached = reachable.get(key);
    if (seen.has(key) || reached?.has(key) !== true) continue;
    const ring = sortedTexts([...reached].filter((other) => reachable.get(other)?.has(key)));
    for (const member of ring) seen.add(member);
    cycles.push(ring);
  }
  return cycles;
}

function reachableFrom(start: string, dependencies: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...(dependencies.get(start) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(dependencies.get(next) ?? []));
  }
  return reached;
}
