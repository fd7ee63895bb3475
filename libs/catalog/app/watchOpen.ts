interface Watched<Id extends string> {
  /** What has not ended, and the state it is in. */
  readonly open: () => ReadonlyMap<Id, string>;
  /** Can this server carry it on? */
  readonly isHere: (id: Id) => Promise<boolean>;
  readonly begin: (id: Id) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Looks at unfinished work again and again and begins what was in the same state at the look before: by then the server that took the request
 * has claimed it.
 * @returns ends the looking
 */
export function watchOpen<Id extends string>(watched: Watched<Id>, everyMs: number): () => void {
  let before: ReadonlyMap<Id, string> = new Map();
  const begun = new Map<Id, string>();
  let looking = false;

  async function look(): Promise<void> {
    const now = watched.open();
    for (const [id, state] of now) {
      // What was begun here goes on by itself until a person's turn has come.
      if (before.get(id) !== state || begun.get(id) === state || !(await watched.isHere(id))) continue;
      begun.set(id, state);
      watched.begin(id);
    }
    for (const id of begun.keys()) if (!now.has(id)) begun.delete(id);
    before = now;
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch(watched.onError)
      .finally(() => (looking = false));
  }, everyMs);
  return () => clearInterval(timer);
}
