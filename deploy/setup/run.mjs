import { existsSync } from 'node:fs';
import path from 'node:path';
import { logToStderr, runAsCommand, SetupError } from './command.mjs';
import { ROOT } from './dependencies.mjs';
import { findEngine } from './engine.mjs';
import { prepare } from './prepare.mjs';
import { runInForeground } from './programs.mjs';
import { SERVER_PROGRAM } from './serverProgram.mjs';
import { LEVELS, runTests } from './testRun.mjs';

const USAGE = `node deploy/setup/run.mjs test [${LEVELS.join('|')}] [vitest arguments] | start | demo [arguments]`;

/** The commands behind package.json's scripts: each makes the clone ready, then runs its program and answers its exit code. */
const COMMANDS = {
  test: ([first, ...rest]) =>
    LEVELS.includes(first)
      ? runTests({ levels: [first], args: rest })
      : runTests({ levels: LEVELS, args: first === undefined ? [] : [first, ...rest] }),
  start: async (args) => {
    await prepare({ build: true });
    const { dockerHost } = await findEngine();
    if (dockerHost === undefined) logToStderr('No Docker Engine answers; `npm run engine` finds or starts one.');
    return runProgram(SERVER_PROGRAM, args, dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost });
  },
  demo: async (args) => {
    const env = await prepare({ build: true, tools: true, engine: true });
    return runProgram([path.join(ROOT, 'deploy/demo/demo.mjs')], args, env);
  },
};

function runProgram(program, args, env) {
  if (!existsSync(program.at(-1))) throw new SetupError(`${program.at(-1)} is not there.`);
  return runInForeground(process.execPath, [...program, ...args], { cwd: ROOT, env, stdin: 'inherit' });
}

await runAsCommand(async () => {
  const [name, ...args] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (command === undefined) throw new SetupError(`Usage: ${USAGE}`);
  process.exitCode = await command(args);
});
