/** Things and what each must come after. */
export type After<Key extends string> = ReadonlyMap<Key, ReadonlySet<Key>>;

/**
 * Batches in which to start: what a batch needs is in earlier ones; those that need one another in a round stand together.
 * Keys within a batch, and batches that could go either way, are in the order of the keys: the same every time.
 */
export function startOrder<Key extends string>(after: After<Key>): readonly (readonly Key[])[] {
  const rounds = stronglyConnected(after);
  const roundOf = new Map(rounds.flatMap((round) => round.map((key) => [key, round] as const)));
  const placed = new Set<readonly Key[]>();
  const batches: (readonly Key[])[] = [];
  const place = (round: readonly Key[]): void => {
    if (placed.has(round)) return;
    placed.add(round);
    const needs = round.flatMap((key) => [...(after.get(key) ?? [])]).sort();
    for (const need of needs) {
      const other = roundOf.get(need);
      if (other !== undefined && other !== round) place(other);
    }
    batches.push(round);
  };
  for (const key of [...after.keys()].sort()) {
    const round = roundOf.get(key);
    if (round !== undefined) place(round);
  }
  return batches;
}

/** Tarjan's algorithm: groups of keys that reach one another. */
function stronglyConnected<Key extends string>(after: After<Key>): readonly (readonly Key[])[] {
  const index = new Map<Key, number>();
  const low = new Map<Key, number>();
  const stack: Key[] = [];
  const groups: (readonly Key[])[] = [];
  const visit = (key: Key): void => {
    const at = index.size;
    index.set(key, at);
    low.set(key, at);
    stack.push(key);
    for (const next of [...(after.get(key) ?? [])].sort()) {
      if (!after.has(next)) continue;
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(key, Math.min(low.get(key) ?? at, low.get(next) ?? at));
    }
    if (low.get(key) === at) groups.push(stack.splice(stack.indexOf(key)).sort());
  };
  for (const key of [...after.keys()].sort()) if (!index.has(key)) visit(key);
  return groups;
}
