import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, at an address that outlives the server. */
export interface CountingProxy {
  readonly url: string;
  /** Bytes that clients have sent so far, headers included. */
  sent(): number;
  /** Passes on to this server from now on. */
  leadTo(server: { readonly url: string }): void;
  /** Calls back once, when clients have sent so many bytes. */
  at(bytes: number, listener: () => void): void;
  close(): Promise<void>;
}

/** @param bytesPerSecond what clients may send at most, so that a test can come between */
export async function countingProxy(server: { readonly url: string }, bytesPerSecond: number): Promise<CountingProxy> {
  let target = new URL(server.url);
  let sent = 0;
  let marks: readonly { readonly bytes: number; readonly listener: () => void }[] = [];
  const sockets = new Set<Socket>();
  const pass = (client: Socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (piece) => {
      sent += piece.length;
      upstream.write(piece);
      client.pause();
      setTimeout(() => client.resume(), (piece.length / bytesPerSecond) * 1_000);
      const reached = marks.filter(({ bytes }) => bytes <= sent);
      marks = marks.filter(({ bytes }) => bytes > sent);
      reached.forEach(({ listener }) => listener());
    });
  };
  const listening = createServer(pass).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    sent: () => sent,
    leadTo: ({ url }) => (target = new URL(url)),
    at: (bytes, listener) => (marks = [...marks, { bytes, listener }]),
    async close() {
      sockets.forEach((socket) => socket.destroy());
      listening.close();
      await once(listening, 'close');
    },
  };
}
