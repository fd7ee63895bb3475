import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { requestLimits } from './requestLimits.js';

it('A request that was answered before its body came ends with its connection, and ends nothing else', async () => {
  const server = createServer((request, response) => {
    requestLimits()(request, response, () => {
      // Somebody took the body on and reads it no further: Node does not let it go by then.
      request.once('data', () => request.pause());
      response.end('answered');
    });
  });
  server.keepAliveTimeout = 50;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nonly this');
  await once(socket, 'close');
  expect(heard).toMatch(/^HTTP\/1.1 200 OK[^]*answered$/);
  server.close();
});
