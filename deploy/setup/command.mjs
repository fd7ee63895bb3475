import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A failure whose message is meant for the person at the terminal: it says what is wrong and what to do, so no stack is shown. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Runs a command's entry point; a SetupError ends it with its message alone, anything else with its stack. */
export async function runAsCommand(main) {
  try {
    await main();
  } catch (error) {
    logFailure(error);
    process.exitCode = 1;
  }
}

export function logFailure(error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : (error?.stack ?? error)}\n`);
}

/** Progress of set-up scripts goes to stderr, because stdout carries results. */
export function logToStderr(line) {
  process.stderr.write(`${line}\n`);
}

/** Whether the module of that `import.meta.url` is the program that was started, and not imported by another. */
export function isCommand(moduleUrl) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl);
}
