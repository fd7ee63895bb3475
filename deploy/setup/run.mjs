import { existsSync } from 'node:fs';
import path from 'node:path';
import { logToStderr, runAsCommand, SetupError } from './command.mjs';
import { ROOT } from './dependencies.mjs';
import { findEngine } from './engine.mjs';
import { prepare } from './prepare.mjs';
import { runInForeground } from './programs.mjs';
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
    return runProgram('apps/server/dist/main.js', args, dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost });
  },
  demo: async (args) => {
    const env = await prepare({ build: true, tools: true, engine: true });
    return runProgram('deploy/demo/demo.mjs', args, env);
  },
};

function runProgram(file, args, env) {
  const program = path.join(ROOT, file);
  if (!existsSync(program)) throw new SetupError(`${file} is not there.`);
  return runInForeground(process.execPath, [program, ...args], { cwd: ROOT, env, stdin: 'inherit' });
}

await runAsCommand(async () => {
  const [name, ...args] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (command === undefined) throw new SetupError(`Usage: ${USAGE}`);
  process.exitCode = await command(args);
});
