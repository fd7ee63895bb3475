import { execFile } from 'node:child_process';
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { registryUser } from './registry.js';

/** Gives tokens to the one user, or for an identity token, as the servers of the great registries do. */
export interface TokenServer {
  readonly realm: string;
  /** File with what a registry checks its signatures by. */
  readonly certificate: string;
  /** The scopes that tokens were given for. */
  readonly scopes: readonly string[];
  close(): Promise<void>;
}

export const IDENTITY = 'an identity token';

export async function startTokenServer(folder: string): Promise<TokenServer> {
  const [key, certificate] = [join(folder, 'token.key'), join(folder, 'token.crt')];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=test'];
  await promisify(execFile)('openssl', ['req', ...made, '-keyout', key, '-out', certificate]);
  const privateKey = createPrivateKey(await readFile(key));
  const chain = new X509Certificate(await readFile(certificate)).raw.toString('base64');
  const scopes: string[] = [];
  const basic = `Basic ${Buffer.from(`${registryUser.user}:${registryUser.password}`).toString('base64')}`;

  function tokenFor(scope: string): string {
    scopes.push(scope);
    const [type, name, actions = ''] = scope.split(':');
    const now = Math.floor(Date.now() / 1000);
    const times = { exp: now + 300, nbf: now - 60, iat: now };
    const access = [{ type, name, actions: actions.split(',') }];
    const claims = { iss: 'test', sub: 'maria', aud: 'test', jti: 'one', ...times, access };
    const signed = [{ typ: 'JWT', alg: 'RS256', x5c: [chain] }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const isPost = request.method === 'POST';
      const asked = isPost ? form : new URL(request.url ?? '', 'http://localhost').searchParams;
      const known = isPost ? form.get('refresh_token') === IDENTITY : request.headers.authorization === basic;
      response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
      const token = known ? tokenFor(asked.get('scope') ?? '') : undefined;
      response.end(JSON.stringify(isPost ? { access_token: token } : { token }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    realm: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/token`,
    certificate,
    scopes,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
