/** Those who wait for a position to be reached. */
export interface Waiters {
  /** `reached` is where things stand now; undefined: there is nothing left to wait for. Without a timeout it waits for ever. */
  until(
    position: bigint,
    reached: bigint | undefined,
    timeoutMs: number | undefined,
  ): Promise<'reached' | 'late' | 'closed'>;
  tell(reached: bigint | undefined): void;
  close(): void;
}

export function waiters(): Waiters {
  const waiting = new Set<{ position: bigint; end(outcome: 'reached' | 'late' | 'closed'): void }>();
  return {
    until: (position, reached, timeoutMs) =>
      new Promise((resolve) => {
        if (reached === undefined || reached >= position) {
          resolve('reached');
          return;
        }
        const waiter = {
          position,
          end(outcome: 'reached' | 'late' | 'closed') {
            waiting.delete(waiter);
            clearTimeout(timer);
            resolve(outcome);
          },
        };
        const timer = timeoutMs === undefined ? undefined : setTimeout(() => waiter.end('late'), timeoutMs);
        waiting.add(waiter);
      }),
    tell(reached) {
      for (const waiter of [...waiting]) if (reached === undefined || reached >= waiter.position) waiter.end('reached');
    },
    close() {
      for (const waiter of [...waiting]) waiter.end('closed');
    },
  };
}
