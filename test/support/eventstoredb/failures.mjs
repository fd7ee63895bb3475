// How the server words its refusals: as the end of a call, and as a status inside an answer of the batch call.
import { Any, Empty, grpc, shared, status } from './protocol.mjs';
import { MAX_APPEND_SIZE } from './log.mjs';

const { FAILED_PRECONDITION, ABORTED, UNKNOWN, NOT_FOUND, INVALID_ARGUMENT } = grpc.status;

/** A call's end with a code, words, and the trailers that the client reads the error's kind from. */
function ended(code, details, trailers = {}) {
  const metadata = new grpc.Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, asciiOf(value));
  return Object.assign(new Error(details), { code, details, metadata });
}

/** gRPC headers carry ASCII only. */
const asciiOf = (text) => String(text).replace(/[^ -~]/g, '?');

const SENTINELS = { any: -2n, no_stream: -1n, stream_exists: -4n };
const numberOf = (expected) => (typeof expected === 'bigint' ? expected : SENTINELS[expected]);

export const callFailures = {
  wrongVersion: (stream, expected, last) =>
    ended(
      FAILED_PRECONDITION,
      `Append failed due to WrongExpectedVersion. Stream: ${asciiOf(stream)}, Expected version: ${numberOf(expected)}, Actual version: ${last}`,
      {
        exception: 'wrong-expected-version',
        'stream-name': stream,
        'expected-version': numberOf(expected),
        'actual-version': last,
      },
    ),
  deleted: (stream) =>
    ended(FAILED_PRECONDITION, `Event stream '${asciiOf(stream)}' is deleted.`, {
      exception: 'stream-deleted',
      'stream-name': stream,
    }),
  tooLarge: () =>
    ended(INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': MAX_APPEND_SIZE,
    }),
  invalid: (message) => ended(INVALID_ARGUMENT, message),
  unexpected: (message) => ended(UNKNOWN, `Exception was thrown by handler. ${message}`),
  tooSlow: () =>
    ended(
      ABORTED,
      'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
    ),
  notLeader: ({ host, port }) =>
    ended(NOT_FOUND, 'Leader info available', {
      exception: 'not-leader',
      'leader-endpoint-host': host,
      'leader-endpoint-port': port,
    }),
  noLeader: () => ended(UNKNOWN, 'No leader info available in response'),
};

const packed = (code, message, body, name) => {
  const details = new Any();
  details.pack(body.serializeBinary(), name);
  return new status.Status().setCode(code).setMessage(message).setDetails(details);
};

export const batchFailures = {
  wrongVersion(_stream, expected, last) {
    const body = new shared.WrongExpectedVersion();
    if (last < 0n) body.setCurrentNoStream(new Empty());
    else body.setCurrentStreamRevision(String(last));
    if (expected === 'any') body.setExpectedAny(new Empty());
    else if (expected === 'no_stream') body.setExpectedNoStream(new Empty());
    else if (expected === 'stream_exists') body.setExpectedStreamExists(new Empty());
    else body.setExpectedStreamPosition(String(expected));
    return packed(FAILED_PRECONDITION, 'WrongExpectedVersion', body, 'event_store.client.WrongExpectedVersion');
  },
  deleted: () =>
    packed(FAILED_PRECONDITION, 'StreamDeleted', new shared.StreamDeleted(), 'event_store.client.StreamDeleted'),
  tooLarge: () =>
    packed(
      INVALID_ARGUMENT,
      'MaximumAppendSizeExceeded',
      new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_SIZE),
      'event_store.client.MaximumAppendSizeExceeded',
    ),
  invalid: (message) =>
    packed(
      INVALID_ARGUMENT,
      'BadRequest',
      new shared.BadRequest().setMessage(message),
      'event_store.client.BadRequest',
    ),
  timeout: () => packed(ABORTED, 'Timeout', new shared.Timeout(), 'event_store.client.Timeout'),
  noLeader: () => packed(UNKNOWN, 'No leader info available in response', new Empty(), 'google.protobuf.Empty'),
};
