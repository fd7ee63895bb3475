// The stand-in's front door: passes connections on to the gRPC server, and can cut or freeze them all.
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';

/**
 * Every connection of a gRPC client begins with the HTTP/2 preface, or with a TLS handshake; all else is plain HTTP.
 * @param {{ host: string, port: number, inside: number, onHttp(request: object, response: object): void }} options
 */
export async function openGate({ host, port, inside, onHttp }) {
  const pairs = new Set();
  const held = new Set();
  let frozen = false;
  const http = createHttpServer((request, response) => {
    if (!frozen || request.url.startsWith('/stand-in/')) onHttp(request, response);
  });

  function welcome(outer) {
    held.add(outer);
    outer.setNoDelay(true);
    outer.on('error', () => outer.destroy());
    outer.on('close', () => held.delete(outer));
    outer.once('data', (first) => {
      outer.pause();
      outer.unshift(first);
      if (first[0] === 0x16 || first.toString('latin1', 0, 3) === 'PRI') return passOn(outer);
      http.emit('connection', outer);
      return outer.resume();
    });
  }

  function passOn(outer) {
    const inner = connect(inside, '127.0.0.1').setNoDelay(true);
    const pair = { outer, inner };
    pairs.add(pair);
    inner.on('error', () => inner.destroy());
    inner.on('close', () => outer.destroy());
    outer.on('close', () => {
      inner.destroy();
      pairs.delete(pair);
    });
    if (!frozen) join(pair);
  }

  function join({ outer, inner }) {
    outer.pipe(inner);
    inner.pipe(outer);
  }

  function part({ outer, inner }) {
    outer.unpipe(inner).pause();
    inner.unpipe(outer).pause();
  }

  const listener = createServer(welcome);
  await new Promise((resolve, reject) => listener.once('error', reject).listen(port, host, resolve));

  function cut() {
    for (const outer of held) outer.destroy();
  }

  return {
    port: listener.address().port,
    cut,
    freeze() {
      frozen = true;
      pairs.forEach(part);
    },
    thaw() {
      frozen = false;
      pairs.forEach(join);
    },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      cut();
      await closed;
    },
  };
}
