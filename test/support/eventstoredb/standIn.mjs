// A server that answers @eventstore/db-client as EventStoreDB 23.10.6 does, for tests. Runs in the process of the test; `serve.mjs` runs it as one of its own.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { guarded } from './access.mjs';
import { appendCalls } from './appendCalls.mjs';
import { onHttp } from './control.mjs';
import { openGate } from './gate.mjs';
import { openLog } from './log.mjs';
import { fileOf, memoryLog } from './logFile.mjs';
import { makeOrders } from './orders.mjs';
import { GossipService, grpc, ServerFeaturesService, StreamsService } from './protocol.mjs';
import { readCalls } from './readCalls.mjs';
import { getSupportedMethods, gossipRead } from './serverCalls.mjs';

const HOST = '127.0.0.1';
/** A genuine server takes records of up to 16 MiB. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

const certificate = (name) => fileURLToPath(new URL(`./certificates/${name}`, import.meta.url));

/** @param {{ port?: number, folder?: string, users?: Record<string, string> }} [options] */
export async function startStandIn({ port = 0, folder, users } = {}) {
  const storage = folder === undefined ? memoryLog() : fileOf(folder);
  let gate;
  let server;
  let log;
  let publicPort = port;
  const orders = makeOrders({ cut: () => gate?.cut() });

  async function open() {
    log = openLog(storage);
    server = new grpc.Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    });
    server.addService(StreamsService, guarded({ ...readCalls(log, orders), ...appendCalls(log, orders) }, users));
    server.addService(ServerFeaturesService, { getSupportedMethods });
    server.addService(GossipService, { read: gossipRead(() => ({ host: HOST, port: publicPort })) });
    const inside = await bound(server, users === undefined ? insecure() : secure());
    gate = await openGate({ host: HOST, port: publicPort, inside, onHttp: (...call) => onHttp(standIn, ...call) });
    publicPort = gate.port;
  }

  const standIn = {
    get port() {
      return publicPort;
    },
    get connectionString() {
      return users === undefined
        ? `esdb://${HOST}:${publicPort}?tls=false`
        : `esdb://${HOST}:${publicPort}?tls=true&tlsCAFile=${certificate('ca.pem')}`;
    },
    async kill() {
      if (gate === undefined) return;
      const closed = gate.close();
      gate = undefined;
      orders.forget();
      server.forceShutdown();
      log.close();
      await closed;
    },
    async restart() {
      await standIn.kill();
      await open();
    },
    stop: () => standIn.kill(),
    cutConnections: async () => gate?.cut(),
    freeze: async () => gate?.freeze(),
    thaw: async () => gate?.thaw(),
    delay: async (ms) => orders.delay(ms),
    dropNextAnswers: async (count, how) => orders.dropNextAnswers(count, how),
    readOnly: async (on) => orders.readOnly(on),
    notLeader: async (endpoint) => orders.notLeader(endpoint),
    liveBuffer: async (events) => void (orders.liveBuffer = events),
  };
  await open();
  return standIn;
}

const insecure = () => grpc.ServerCredentials.createInsecure();
const secure = () =>
  grpc.ServerCredentials.createSsl(null, [
    { private_key: readFileSync(certificate('server.key')), cert_chain: readFileSync(certificate('server.pem')) },
  ]);

const bound = (server, credentials) =>
  new Promise((resolve, reject) =>
    server.bindAsync(`${HOST}:0`, credentials, (error, port) => (error ? reject(error) : resolve(port))),
  );
