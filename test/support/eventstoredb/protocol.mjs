// The wire format of EventStoreDB's gRPC calls. The only file that reaches into the client's generated code: those files are
// internals of @eventstore/db-client 6.2.1, so an update of the client is checked here.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const grpc = require('@grpc/grpc-js');
export const streams = require('@eventstore/db-client/generated/streams_pb');
export const shared = require('@eventstore/db-client/generated/shared_pb');
export const status = require('@eventstore/db-client/generated/status_pb');
export const features = require('@eventstore/db-client/generated/serverfeatures_pb');
export const gossip = require('@eventstore/db-client/generated/gossip_pb');
export const { StreamsService } = require('@eventstore/db-client/generated/streams_grpc_pb');
export const { ServerFeaturesService } = require('@eventstore/db-client/generated/serverfeatures_grpc_pb');
export const { GossipService } = require('@eventstore/db-client/generated/gossip_grpc_pb');
export const { Any } = require('google-protobuf/google/protobuf/any_pb');
export const { Empty } = require('google-protobuf/google/protobuf/empty_pb');

/** @param {{ getStreamName_asU8(): Uint8Array } | undefined} identifier */
export const nameOf = (identifier) => Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');

/** @param {string} name */
export const identifierOf = (name) => new shared.StreamIdentifier().setStreamName(Buffer.from(name, 'utf8'));

/** The text of an id, whichever of its two forms was sent. */
export function idOf(uuid) {
  if (uuid === undefined) return '';
  if (!uuid.hasStructured()) return uuid.getString();
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(uuid.getStructured().getMostSignificantBits())), 0);
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(uuid.getStructured().getLeastSignificantBits())), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const isUuid = (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Was the call given up by its caller? A reset of its stream reads like the end of its messages, so what came may be a part only. */
export const isGivenUp = (call) => call.cancelled || call.call.stream.closed;
