/** An end that is no failure of anything: the person said no, or stopped watching. */
export interface Ending extends Error {
  readonly name: 'Ending';
  readonly exit: number;
}

export const ending = (exit: number, message: string): Ending =>
  Object.assign(new Error(message), { name: 'Ending' as const, exit });

export const isEnding = (error: unknown): error is Ending => error instanceof Error && error.name === 'Ending';
