/** How far an operation of this server is; kept in memory only, the log says what was reached for good. */
export interface Progress {
  readonly step: 'waiting' | 'reading' | 'storing' | 'cataloguing' | 'retrying';
  /** Bytes of the file read so far. */
  readonly bytes?: number;
  readonly total?: number;
  /** Why it is tried again. */
  readonly reason?: string;
}

export interface ProgressBoard {
  report(operation: string, progress: Progress): void;
  of(operation: string): Progress | undefined;
  /** Forgets an operation that is at rest; its watchers hear it as `undefined`. */
  clear(operation: string): void;
  /** Calls back at every report until the returned function is called. */
  watch(operation: string, listener: (progress: Progress | undefined) => void): () => void;
}

export function progressBoard(): ProgressBoard {
  const present = new Map<string, Progress>();
  const listeners = new Map<string, Set<(progress: Progress | undefined) => void>>();
  const tell = (operation: string) => listeners.get(operation)?.forEach((listener) => listener(present.get(operation)));
  return {
    report(operation, progress) {
      present.set(operation, progress);
      tell(operation);
    },
    of: (operation) => present.get(operation),
    clear(operation) {
      if (present.delete(operation)) tell(operation);
    },
    watch(operation, listener) {
      const own = listeners.get(operation) ?? new Set();
      listeners.set(operation, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0) listeners.delete(operation);
      };
    },
  };
}
