/** Runs works that have a key in common one after the other, in the order they came; works without one do not wait for each other. */
export type OneAtATime = <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;

export function oneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>();
  return async (keys, work) => {
    const before = Promise.allSettled(keys.flatMap((key) => last.get(key) ?? []));
    const turn = before.then(work);
    for (const key of keys) last.set(key, turn);
    try {
      return await turn;
    } finally {
      for (const key of keys) if (last.get(key) === turn) last.delete(key);
    }
  };
}
