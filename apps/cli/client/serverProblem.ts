import type { Problem } from '../api/problem.js';

/** A refusal of the server, in its own words. */
export interface ServerProblem extends Error {
  readonly name: 'ServerProblem';
  readonly problem: Problem;
}

export const serverProblem = (problem: Problem): ServerProblem =>
  Object.assign(new Error(problem.detail), { name: 'ServerProblem' as const, problem });

export const isServerProblem = (error: unknown): error is ServerProblem =>
  error instanceof Error && error.name === 'ServerProblem';

/** The problem in an answer's body; anything else (a proxy's page) becomes one by its status. */
export function problemFrom(status: number, text: string): Problem {
  const read = parsed(text);
  if (isProblem(read)) return { ...read, status };
  const first = text.trim().split('\n', 1)[0]?.slice(0, 200) ?? '';
  return {
    status,
    title: 'The server answered unexpectedly',
    detail: `The server answered with status ${status}${first === '' ? '' : `: ${first}`}`,
    code: 'unknown',
  };
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: then it is not one of ours, and the caller says so.
    return undefined;
  }
}
