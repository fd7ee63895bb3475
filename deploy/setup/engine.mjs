import { hasSystemd, installPackages, missingPackages, whyNoApt } from './aptPackages.mjs';
import { DEFAULT_DOCKER_HOST, whyNotAnswering } from './dockerHost.mjs';
import { withMachineLock } from './machineLock.mjs';
import { PRIVATE_DOCKER_HOST, privateEngineLockFile, startPrivateEngine } from './privateEngine.mjs';
import { isCommand, logToStderr, runAsCommand, SetupError } from './command.mjs';

/**
 * Finds or makes a Docker Engine that answers, and resolves to its DOCKER_HOST. In this order: DOCKER_HOST itself, the default socket,
 * the machine's private engine, a private engine from the distribution's packages. Rejects with a SetupError that says what to do.
 */
export async function ensureEngine({ log = logToStderr } = {}) {
  const { dockerHost, silent } = await findEngine();
  if (dockerHost !== undefined) return dockerHost;
  const refusal = whyNoEngineCanBeMade();
  if (refusal !== undefined) throw new SetupError(howToGetAnEngine(silent, refusal));
  return withMachineLock(privateEngineLockFile(), () => makeEngine({ log }));
}

/**
 * The engine that answers already, without starting any: `dockerHost`, or undefined beside the reason why each well-known socket is `silent`.
 * Rejects with a SetupError when DOCKER_HOST names an engine that does not answer.
 */
export async function findEngine() {
  const chosen = process.env.DOCKER_HOST ?? '';
  if (chosen !== '') {
    const reason = await whyNotAnswering(chosen);
    if (reason === undefined) return { dockerHost: chosen, silent: [] };
    throw new SetupError(
      `DOCKER_HOST is ${chosen}, but no engine answers there: ${reason}.\n` +
        'Start that engine, or unset DOCKER_HOST to let this program find or start one.',
    );
  }
  const silent = [];
  for (const dockerHost of [DEFAULT_DOCKER_HOST, PRIVATE_DOCKER_HOST]) {
    const reason = await whyNotAnswering(dockerHost);
    if (reason === undefined) return { dockerHost, silent: [] };
    silent.push(`${dockerHost}: ${reason}`);
  }
  return { dockerHost: undefined, silent };
}

/** Under the lock, so what another starter did meanwhile is looked at first. */
async function makeEngine({ log }) {
  if ((await whyNotAnswering(PRIVATE_DOCKER_HOST)) === undefined) return PRIVATE_DOCKER_HOST;
  const missing = missingPackages('engine');
  if (missing.length > 0) {
    await installPackages(missing, { log });
    // With systemd the package has started its own engine, and a second one would only be in its way.
    if (hasSystemd() && (await whyNotAnswering(DEFAULT_DOCKER_HOST)) === undefined) return DEFAULT_DOCKER_HOST;
  }
  await startPrivateEngine({ log });
  return PRIVATE_DOCKER_HOST;
}

function whyNoEngineCanBeMade() {
  if (process.platform !== 'linux') return `${process.platform} cannot run an engine of its own`;
  if (process.getuid?.() !== 0) return 'starting a private engine needs root';
  const noApt = whyNoApt();
  return missingPackages('engine').length > 0 && noApt !== undefined ? `none can be installed: ${noApt}` : undefined;
}

function howToGetAnEngine(silent, refusal) {
  return [
    'No Docker Engine was found:',
    ...['DOCKER_HOST is not set', ...silent, refusal].map((line) => `  - ${line}`),
    'Do one of these: start Docker on this machine; set DOCKER_HOST to an engine you may use (unix:///path or tcp://host:port);',
    'or run this as root on Debian or Ubuntu, where the packages docker.io and iptables are then installed for you.',
  ].join('\n');
}

if (isCommand(import.meta.url)) {
  await runAsCommand(async () => {
    process.stdout.write(`${await ensureEngine()}\n`);
  });
}
