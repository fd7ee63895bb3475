import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { WaybillError, type Clock } from '@waybill/kernel';
import { addressText, engineAddress, isLocal, type EngineAddress, type EngineEnvironment } from './engineAddress.js';

/** A way to an engine. Holds no open socket. */
export interface Connection {
  readonly docker: Docker;
  /** For people. */
  readonly address: string;
  /** Is it on this machine? */
  readonly local: boolean;
  /** How long one call may take. */
  readonly callTimeoutMs: number;
  /** How long an image being loaded may stand still. */
  readonly loadIdleMs: number;
  readonly clock: Clock;
  /** Asked before every call; throws when the caller may no longer act. */
  readonly guard?: () => void;
}

export interface ConnectionOptions {
  readonly host?: string | undefined;
  readonly env: EngineEnvironment;
  readonly callTimeoutMs: number;
  readonly loadIdleMs: number;
  readonly clock: Clock;
}

/** Prepares the way; the engine is not called yet. @throws WaybillError `configuration-invalid` */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const address = engineAddress(options.host, options.env);
  return {
    docker: new Docker(await modemOptions(address, options.env)),
    address: addressText(address),
    local: isLocal(address),
    callTimeoutMs: options.callTimeoutMs,
    loadIdleMs: options.loadIdleMs,
    clock: options.clock,
  };
}

// The client library fills what is absent from the process's own environment, so everything is named here.
async function modemOptions(address: EngineAddress, env: EngineEnvironment): Promise<Docker.DockerOptions> {
  switch (address.kind) {
    case 'socket':
      return { socketPath: address.path, host: '', protocol: 'http', timeout: 0 };
    case 'tcp': {
      const at = { host: address.host, port: address.port, timeout: 0 };
      return address.tls
        ? { ...at, protocol: 'https', ...(await certificates(env.DOCKER_CERT_PATH)) }
        : { ...at, protocol: 'http' };
    }
  }
}

async function certificates(folder: string | undefined): Promise<Pick<Docker.DockerOptions, 'ca' | 'cert' | 'key'>> {
  if (folder === undefined || folder === '') return {};
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  try {
    const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
    return { ca, cert, key };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError('configuration-invalid', { name: 'DOCKER_CERT_PATH', reason }, { cause });
  }
}
