import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { SetupError } from './command.mjs';

export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/**
 * Asks the engine behind a DOCKER_HOST whether it serves. Resolves when it answers `/_ping`, rejects with the reason when not.
 * Reads DOCKER_TLS_VERIFY and DOCKER_CERT_PATH for tcp addresses, as the docker client does.
 */
export function pingEngine(dockerHost, { timeoutMs = 5000, env = process.env } = {}) {
  const { client, options } = addressOf(dockerHost, env);
  return new Promise((resolve, reject) => {
    const request = client.get({ ...options, path: '/_ping', timeout: timeoutMs, agent: false }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${dockerHost} answered /_ping with status ${String(response.statusCode)}`));
      });
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`${dockerHost} did not answer within ${timeoutMs} ms`)));
    request.on('error', reject);
  });
}

/** Undefined when the engine answers, else the reason it does not, in words. */
export async function whyNotAnswering(dockerHost, options) {
  try {
    await pingEngine(dockerHost, options);
    return undefined;
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const advice = { EACCES: 'this user may not open it (join the group docker, or run as root)', ENOENT: 'not there' };
    return advice[error.code] ?? error.message;
  }
}

/** The client of node that reaches the engine, and its options for requests. */
export function addressOf(dockerHost, env) {
  if (dockerHost.startsWith('unix://')) {
    return { client: http, options: { socketPath: dockerHost.slice('unix://'.length) } };
  }
  const url = URL.canParse(dockerHost) ? new URL(dockerHost) : undefined;
  if (url?.protocol === 'tcp:' || url?.protocol === 'http:' || url?.protocol === 'https:') {
    const secure = url.protocol === 'https:' || (env.DOCKER_TLS_VERIFY ?? '') !== '';
    const options = { host: url.hostname, port: url.port || (secure ? 2376 : 2375) };
    return secure ? { client: https, options: { ...options, ...certificates(env) } } : { client: http, options };
  }
  throw new SetupError(
    `DOCKER_HOST is ${dockerHost}, which is neither unix:///path/to/socket nor tcp://host:port.\n` +
      'For an engine reached over ssh forward its socket: ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST',
  );
}

function certificates(env) {
  const folder = env.DOCKER_CERT_PATH ?? path.join(env.HOME ?? '', '.docker');
  const read = (name) => readFileSync(path.join(folder, name));
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}
