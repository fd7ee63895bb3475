// Append, BatchAppend, Delete and Tombstone.
import { batchFailures, callFailures } from './failures.mjs';
import { Empty, idOf, isGivenUp, isUuid, nameOf, shared, streams } from './protocol.mjs';

/** An event without a proper id or type is refused twice: at once, and again when the server gives up on it. */
const LATE_ANSWER_MS = 2_000;

/** @param {ReturnType<import('./log.mjs').openLog>} log @param {ReturnType<import('./orders.mjs').makeOrders>} orders */
export function appendCalls(log, orders) {
  /** Commits at once; how and whether the caller hears of it is up to the orders. */
  function carryOut(write, answer) {
    if (log.isClosed()) return undefined;
    const refused = orders.refusal();
    if (refused !== undefined) return orders.answer(() => answer(refused));
    const result = write();
    if (result.verdict === 'written' && orders.dropsAnswer()) return undefined;
    return orders.answer(() => answer(result));
  }

  function batchAppend(call) {
    /** Appends of which the last piece has not come yet, by correlation id. */
    const open = new Map();
    const send = (message) => {
      if (!call.cancelled && !call.destroyed) call.write(message);
    };
    call.on('data', (request) => {
      const correlation = idOf(request.getCorrelationId());
      const pending = open.get(correlation) ?? { options: request.getOptions(), events: [] };
      open.set(correlation, pending);
      pending.events.push(...request.getProposedMessagesList().map(proposalOf));
      if (!request.getIsFinal()) return;
      open.delete(correlation);
      const reply = () => {
        const message = new streams.BatchAppendResp().setCorrelationId(request.getCorrelationId());
        message.setStreamIdentifier(pending.options.getStreamIdentifier());
        return echoExpected(message, pending.options);
      };
      const stream = nameOf(pending.options.getStreamIdentifier());
      const expected = expectedOf(pending.options, () => pending.options.getStreamPosition());
      const bad = whyInvalid(stream, pending.events);
      if (bad !== undefined) {
        orders.answer(() => send(reply().setError(batchFailures.invalid(bad))));
        orders.later(LATE_ANSWER_MS, () => send(reply().setError(batchFailures.timeout())));
        return;
      }
      carryOut(
        () => log.append(stream, expected, pending.events),
        (result) => {
          if (result.verdict === 'not-leader') return call.emit('error', callFailures.notLeader(result.leader));
          const failure = failureOf(batchFailures, result, stream, expected);
          return send(failure ? reply().setError(failure) : reply().setSuccess(batchSuccess(result)));
        },
      );
    });
    call.on('end', () => call.end());
    call.on('error', () => undefined);
  }

  function append(call, done) {
    let options;
    const events = [];
    call.on('data', (request) => {
      if (request.hasOptions()) options = request.getOptions();
      else events.push(proposalOf(request.getProposedMessage()));
    });
    call.on('error', () => undefined);
    call.on('end', () => {
      if (isGivenUp(call)) return undefined;
      const stream = nameOf(options?.getStreamIdentifier());
      const expected = expectedOf(options, () => options.getRevision());
      const bad = whyInvalid(stream, events);
      if (bad !== undefined) return orders.answer(() => done(callFailures.invalid(bad)));
      return carryOut(
        () => log.append(stream, expected, events),
        (result) => {
          if (result.verdict === 'not-leader') return done(callFailures.notLeader(result.leader));
          if (result.verdict === 'wrong') return done(null, wrongVersionAnswer(expected, result.last));
          const failure = failureOf(callFailures, result, stream, expected);
          return failure ? done(failure) : done(null, new streams.AppendResp().setSuccess(appendSuccess(result)));
        },
      );
    });
  }

  const removal = (how, Response) => (call, done) => {
    const options = call.request.getOptions();
    const stream = nameOf(options.getStreamIdentifier());
    const expected = expectedOf(options, () => options.getRevision());
    carryOut(
      () => log.remove(stream, expected, how),
      (result) => {
        if (result.verdict === 'not-leader') return done(callFailures.notLeader(result.leader));
        const failure = failureOf(callFailures, result, stream, expected);
        return failure
          ? done(failure)
          : done(null, new Response().setPosition(positionOf(new Response.Position(), result.position)));
      },
    );
  };

  return {
    append,
    batchAppend,
    delete: removal('soft', streams.DeleteResp),
    tombstone: removal('tombstone', streams.TombstoneResp),
  };
}

function failureOf(failures, result, stream, expected) {
  switch (result.verdict) {
    case 'written':
    case 'repeated':
      return undefined;
    case 'wrong':
      return failures.wrongVersion(stream, expected, result.last);
    case 'deleted':
      return failures.deleted(stream);
    case 'too-large':
      return failures.tooLarge();
    case 'no-leader':
      return failures.noLeader();
    default:
      throw new Error(`no answer for ${result.verdict}`);
  }
}

function whyInvalid(stream, events) {
  if (stream === '') return 'Required field is not provided: stream identifier';
  if (events.some(({ id }) => !isUuid(id))) return 'Received an event id that is no UUID';
  if (events.some(({ type }) => type === undefined || type === ''))
    return "Required metadata property 'type' is missing";
  return undefined;
}

function proposalOf(message) {
  const system = message.getMetadataMap();
  return {
    id: idOf(message.getId()).toLowerCase(),
    type: system.get('type'),
    contentType: system.get('content-type') ?? 'application/octet-stream',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
}

function expectedOf(options, revision) {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'stream_exists' : BigInt(revision());
}

function echoExpected(message, options) {
  if (options.hasNoStream()) return message.setNoStream(new Empty());
  if (options.hasAny()) return message.setAny(new Empty());
  if (options.hasStreamExists()) return message.setStreamExists(new Empty());
  return message.setStreamPosition(options.getStreamPosition());
}

const positionOf = (message, position) =>
  message.setCommitPosition(String(position)).setPreparePosition(String(position));

function batchSuccess({ revision, position }) {
  const success = new streams.BatchAppendResp.Success();
  success.setPosition(positionOf(new shared.AllStreamPosition(), position));
  return revision < 0n ? success.setNoStream(new Empty()) : success.setCurrentRevision(String(revision));
}

function appendSuccess({ revision, position }) {
  const success = new streams.AppendResp.Success();
  success.setPosition(positionOf(new streams.AppendResp.Position(), position));
  return revision < 0n ? success.setNoStream(new shared.Empty()) : success.setCurrentRevision(String(revision));
}

function wrongVersionAnswer(expected, last) {
  const body = new streams.AppendResp.WrongExpectedVersion();
  if (last < 0n) body.setCurrentNoStream(new shared.Empty());
  else body.setCurrentRevision(String(last));
  if (expected === 'any') body.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') body.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') body.setExpectedStreamExists(new shared.Empty());
  else body.setExpectedRevision(String(expected));
  return new streams.AppendResp().setWrongExpectedVersion(body);
}
