import { WaybillError } from '@waybill/kernel';

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean };

/** The environment variables that say where the engine is, as Docker’s own client reads them. */
export interface EngineEnvironment {
  readonly DOCKER_HOST?: string | undefined;
  readonly DOCKER_TLS_VERIFY?: string | undefined;
  readonly DOCKER_CERT_PATH?: string | undefined;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Reads an address in the form of `DOCKER_HOST`: `unix://path`, `tcp://host:port`, `http://…`, `https://…`.
 * Nothing given: the default socket. `tcp` is encrypted when `DOCKER_TLS_VERIFY` is set to something or the port is 2376.
 * @throws WaybillError `configuration-invalid`
 */
export function engineAddress(host: string | undefined, env: EngineEnvironment = {}): EngineAddress {
  const text = (host ?? env.DOCKER_HOST ?? '').trim();
  if (text === '') return { kind: 'socket', path: DEFAULT_SOCKET };
  if (text.startsWith('unix://')) return { kind: 'socket', path: text.slice('unix://'.length) || DEFAULT_SOCKET };
  if (text.startsWith('/')) return { kind: 'socket', path: text };
  const url = URL.parse(text.includes('://') ? text : `tcp://${text}`);
  if (url === null || url.hostname === '' || !['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    throw new WaybillError('configuration-invalid', {
      name: 'DOCKER_HOST',
      reason: 'expected unix:///path/to/socket or tcp://host:port.',
    });
  }
  const tls = url.protocol === 'https:' || (env.DOCKER_TLS_VERIFY ?? '') !== '' || url.port === '2376';
  return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port: portOf(url, tls), tls };
}

function portOf(url: URL, tls: boolean): number {
  if (url.port !== '') return Number(url.port);
  if (url.protocol === 'http:') return 80;
  if (url.protocol === 'https:') return 443;
  return tls ? 2376 : 2375;
}

/** The address for people. */
export function addressText(address: EngineAddress): string {
  switch (address.kind) {
    case 'socket':
      return `unix://${address.path}`;
    case 'tcp':
      return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
  }
}

/** Does the engine share this machine's ports? Only then can a free port be tried out. */
export function isLocal(address: EngineAddress): boolean {
  return address.kind === 'socket' || ['localhost', '127.0.0.1', '::1'].includes(address.host);
}
