import { byText, sortedTexts } from './order.js';

/**
 * Groups of components that depend on each other in a ring, each sorted, in order of their first members; a component that depends on itself
 * is a ring of one. Tarjan's algorithm without recursion: time and stack stay small for whatever a package holds.
 */
export function cyclesIn(dependencies: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const onStack = new Set<string>();
  const rings: (readonly string[])[] = [];
  const lower = (key: string, to: number) => low.set(key, Math.min(low.get(key) ?? to, to));

  for (const root of dependencies.keys()) {
    if (index.has(root)) continue;
    const path: { readonly key: string; readonly rest: string[] }[] = [];
    const enter = (key: string) => {
      index.set(key, index.size);
      low.set(key, index.size - 1);
      open.push(key);
      onStack.add(key);
      path.push({ key, rest: [...(dependencies.get(key) ?? [])] });
    };
    enter(root);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const { key, rest } = step;
      const next = rest.pop();
      if (next !== undefined) {
        if (!index.has(next)) enter(next);
        else if (onStack.has(next)) lower(key, index.get(next) ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(parent.key, low.get(key) ?? 0);
      if (low.get(key) !== index.get(key)) continue;
      const group = open.splice(open.lastIndexOf(key));
      for (const member of group) onStack.delete(member);
      if (group.length > 1 || dependencies.get(key)?.includes(key) === true) rings.push(sortedTexts(group));
    }
  }
  return rings.sort(byText((ring) => [ring[0] ?? '']));
}
