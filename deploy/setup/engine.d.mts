export interface EngineOptions {
  /** Receives one line per step; without it the lines go to stderr. */
  readonly log?: (line: string) => void;
}
export function ensureEngine(options?: EngineOptions): Promise<string>;
export function findEngine(): Promise<{ readonly dockerHost: string | undefined; readonly silent: readonly string[] }>;
