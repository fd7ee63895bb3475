import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { boundConnections } from './connections.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('a connection whose headers do not come', () => {
  it('is ended, and told why', async () => {
    server = createServer({ connectionsCheckingInterval: 20 }, (_, response) => response.end());
    boundConnections(server, 100);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const answer = await new Response(Readable.toWeb(socket) as ReadableStream).text();
    expect(answer).toContain('HTTP/1.1 408 Request Timeout\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ code: 'request-timeout', status: 408 });
  });
});
