import { realpathSync } from 'node:fs';
import { hasSystemd, installPackages, missingPackages, whyNoApt } from './aptPackages.mjs';
import { DEFAULT_DOCKER_HOST, whyNotAnswering } from './dockerHost.mjs';
import { withMachineLock } from './machineLock.mjs';
import { PRIVATE_DOCKER_HOST, privateEngineLockFile, startPrivateEngine } from './privateEngine.mjs';
import { logToStderr, runAsCommand, SetupError } from './setupError.mjs';

/**
 * Finds or makes a Docker Engine that answers, and resolves to its DOCKER_HOST. In this order: DOCKER_HOST itself, the default socket,
 * the machine's private engine, a private engine from the distribution's packages. Rejects with a SetupError that says what to do.
 */
export async function ensureEngine({ log = logToStderr } = {}) {
  const chosen = process.env.DOCKER_HOST ?? '';
  if (chosen !== '') {
    const silent = await whyNotAnswering(chosen);
    if (silent === undefined) return chosen;
    throw new SetupError(
      `DOCKER_HOST is ${chosen}, but no engine answers there: ${silent}.\n` +
        'Start that engine, or unset DOCKER_HOST to let this program find or start one.',
    );
  }
  const noDefault = await whyNotAnswering(DEFAULT_DOCKER_HOST);
  if (noDefault === undefined) return DEFAULT_DOCKER_HOST;
  const noPrivate = await whyNotAnswering(PRIVATE_DOCKER_HOST);
  if (noPrivate === undefined) return PRIVATE_DOCKER_HOST;

  const refusal = whyNoEngineCanBeMade();
  if (refusal !== undefined) throw new SetupError(howToGetAnEngine(noDefault, refusal));
  return withMachineLock(privateEngineLockFile(), () => makeEngine({ log }));
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

function howToGetAnEngine(noDefault, refusal) {
  return [
    'No Docker Engine was found:',
    `  - DOCKER_HOST is not set`,
    `  - ${DEFAULT_DOCKER_HOST}: ${noDefault}`,
    `  - ${refusal}`,
    'Do one of these: start Docker on this machine; set DOCKER_HOST to an engine you may use (unix:///path or tcp://host:port);',
    'or run this as root on Debian or Ubuntu, where the packages docker.io and iptables are then installed for you.',
  ].join('\n');
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  await runAsCommand(async () => {
    process.stdout.write(`${await ensureEngine()}\n`);
  });
}
