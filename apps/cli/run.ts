import { CommanderError } from 'commander';
import { exitCodeOf } from './exitCode.js';
import { failureJson, failureText } from './output/failure.js';
import { printableLines } from './output/printableLines.js';
import { program } from './program.js';
import type { Surroundings } from './surroundings.js';
import { cliVersion } from './version.js';

/** Runs one command line and answers its exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings;
  // `--version` behind a command is that command's own option, so the program cannot have it as a global one.
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    terminal.out(`${cliVersion}\n`);
    return 0;
  }
  try {
    await program(surroundings).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.err(printableLines(args.includes('--json') ? failureJson(error) : failureText(error)));
    return exitCodeOf(error);
  }
}
