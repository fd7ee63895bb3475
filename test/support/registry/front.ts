import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a registry and does to its answers what a test wants. */
export interface Front {
  /** As image references name it. */
  readonly host: string;
  close(): Promise<void>;
}

/** What is done with a request; `pass` hands it on, and may be given what shall be done with the answer's bytes. */
export type Handling = (
  request: IncomingMessage,
  response: ServerResponse,
  pass: (bytes?: (answer: IncomingMessage, response: ServerResponse) => void) => void,
) => void;

export async function startFront(registry: string, handle: Handling): Promise<Front> {
  const server = createServer((request, response) => {
    handle(request, response, (bytes) => {
      const onward = ask(`http://${registry}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        // The registry makes addresses of this, as behind any proxy.
        headers: request.headers,
      });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        if (bytes === undefined) answer.pipe(response);
        else bytes(answer, response);
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
