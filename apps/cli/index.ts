/** The command line as a function: arguments (without the program's name) and surroundings in, exit code out. Never throws for what a person can cause. */
export { run } from './run.js';
export type { Surroundings, Terminal } from './surroundings.js';
