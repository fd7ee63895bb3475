import { parseArgs } from 'node:util';
import { installPackages, missingPackages } from './aptPackages.mjs';
import { isCommand, logToStderr, runAsCommand, SetupError } from './command.mjs';
import { checkNodeVersion, ensureDependencies, ROOT } from './dependencies.mjs';
import { ensureEngine } from './engine.mjs';
import { runInForeground } from './programs.mjs';

/**
 * Makes a clean clone ready to run, doing only what is not done yet: the version of Node, the npm packages, and on request the
 * compiled code (`build`), the programs that tests and the demo make images from (`tools`), those that packages are opened with (`readers`),
 * a registry for tests (`registry`) and an engine (`engine`).
 * Resolves to the environment that programs started afterwards need.
 */
export async function prepare({
  build = false,
  tools = false,
  readers = false,
  registry = false,
  engine = false,
  log = logToStderr,
} = {}) {
  checkNodeVersion();
  await ensureDependencies({ log });
  if (build) await compile();
  if (tools) await ensurePrograms('tools', { log });
  if (readers) await ensurePrograms('readers', { log });
  if (registry) await ensurePrograms('registry', { log });
  return engine ? { DOCKER_HOST: await ensureEngine({ log }) } : {};
}

/** The compiler is incremental, so it decides for itself what is stale. */
async function compile() {
  const code = await runInForeground('npm', ['run', '--silent', 'build'], { cwd: ROOT, output: 'stderr' });
  if (code !== 0) throw new SetupError('The code does not compile; the errors are above.');
}

async function ensurePrograms(purpose, { log }) {
  const missing = missingPackages(purpose);
  if (missing.length > 0) await installPackages(missing, { log });
}

if (isCommand(import.meta.url)) {
  await runAsCommand(async () => {
    const flag = { type: 'boolean', default: false };
    const { values } = parseArgs({ options: { 'no-build': flag, tools: flag, engine: flag } });
    const env = await prepare({ ...values, registry: values.tools, build: !values['no-build'] });
    for (const [name, value] of Object.entries(env)) process.stdout.write(`${name}=${value}\n`);
  });
}
