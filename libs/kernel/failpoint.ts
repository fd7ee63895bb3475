let listener: ((passing: string) => void) | undefined;

/** Lets tests hear of every passing of a failpoint, `<name> before` or `<name> after`, before anything else happens. Nothing: nobody listens. */
export function listenToFailpoints(listen: ((passing: string) => void) | undefined): void {
  listener = listen;
}

/**
 * Does work that changes or asks something outside of this process, between two named points at which a test can end the process. Costs one
 * comparison when nobody listens.
 * @param name fixed words, never what the work is about; a function where it has to be put together
 */
export function withFailpoints<T>(name: string | (() => string), work: () => T): T {
  if (listener === undefined) return work();
  const point = typeof name === 'string' ? name : name();
  const after = (): void => listener?.(`${point} after`);
  listener(`${point} before`);
  const done = work();
  if (done instanceof Promise) return done.finally(after) as T;
  after();
  return done;
}
