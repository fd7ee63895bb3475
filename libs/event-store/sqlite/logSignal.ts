/** Wakes those who wait for the log to grow. */
export interface LogSignal {
  grown(): void;
  /** Resolves at the next growth after the call, or when `abort` aborts. */
  next(abort: AbortSignal): Promise<void>;
}

export function logSignal(): LogSignal {
  const waiting = new Set<() => void>();
  return {
    grown() {
      const woken = [...waiting];
      waiting.clear();
      for (const wake of woken) wake();
    },
    next: (abort) =>
      new Promise((resolve) => {
        if (abort.aborted) {
          resolve();
          return;
        }
        const wake = () => {
          waiting.delete(wake);
          abort.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        abort.addEventListener('abort', wake);
      }),
  };
}
