// The Read call: pages of a stream or of `$all`, forwards and backwards, and subscriptions to either.
import { filterOf } from './eventFilter.mjs';
import { callFailures } from './failures.mjs';
import { nameOf, streams } from './protocol.mjs';
import { checkpointAnswer, eventAnswer, notFoundAnswer } from './recordedEvent.mjs';
import { allSource, runSubscription, streamSource } from './subscription.mjs';

const { FORWARDS } = streams.ReadReq.Options.ReadDirection;

/** @param {ReturnType<import('./log.mjs').openLog>} log @param {ReturnType<import('./orders.mjs').makeOrders>} orders */
export function readCalls(log, orders) {
  function read(call) {
    call.on('error', () => undefined);
    const options = call.request.getOptions();
    orders.answer(() => {
      if (log.isClosed()) return;
      try {
        if (options.hasSubscription()) subscribe(call, options);
        else send(call, options.hasStream() ? streamPage(log, options) : allPage(log, options));
      } catch (error) {
        if (error.code === undefined) throw error;
        call.emit('error', error);
      }
    });
  }

  function subscribe(call, options) {
    const source = options.hasStream()
      ? streamSource(log, nameOf(options.getStream().getStreamIdentifier()), firstRevision(log, options.getStream()))
      : allSource(log, firstPlace(log, options.getAll()), filterOf(options), checkpointAnswer);
    runSubscription(call, log, source, () => orders.liveBuffer);
  }

  return { read };
}

/** Writes as fast as the caller reads. */
async function send(call, answers) {
  let goOn = () => undefined;
  for (const event of ['drain', 'close', 'cancelled']) call.on(event, () => goOn());
  for (const answer of answers) {
    if (call.cancelled || call.destroyed) return;
    const room = new Promise((resolve) => (goOn = resolve));
    if (!call.write(answer)) await room;
  }
  call.end();
}

function streamPage(log, options) {
  const place = options.getStream();
  const name = nameOf(place.getStreamIdentifier());
  const forwards = options.getReadDirection() === FORWARDS;
  const count = countOf(options);
  if (forwards && place.hasEnd()) throw callFailures.unexpected('Forwards from the end.');
  const { found, tombstoned, from, events } = log.visible(name);
  if (tombstoned) throw callFailures.deleted(name);
  if (!found) return [notFoundAnswer(name)];
  const start = place.hasStart() ? 0 : place.hasEnd() ? events.length - 1 : Number(place.getRevision());
  return forwards
    ? pageOf(events, Math.max(start, from), events.length, 1, count)
    : pageOf(events, Math.min(start, events.length - 1), from - 1, -1, count);
}

/** From a position on: with the event there when forwards, without it when backwards. */
function allPage(log, options) {
  const forwards = options.getReadDirection() === FORWARDS;
  const count = countOf(options);
  const { matches } = filterOf(options);
  const index = indexOf(log, options.getAll());
  return forwards
    ? pageOf(log.events, index, log.events.length, 1, count, matches)
    : pageOf(log.events, index - 1, -1, -1, count, matches);
}

function* pageOf(events, start, end, step, count, matches = () => true) {
  let left = count;
  for (let index = start; index !== end && left > 0 && index >= 0 && index < events.length; index += step) {
    if (!matches(events[index])) continue;
    left -= 1;
    yield eventAnswer(events[index]);
  }
}

function countOf(options) {
  const count = Number(options.getCount());
  if (count <= 0) throw callFailures.unexpected('Nothing was asked for.');
  return count;
}

/** Index of the first event at the position, which has to be where a record begins or the log ends. */
function indexOf(log, place) {
  if (place.hasStart()) return 0;
  if (place.hasEnd()) return log.events.length;
  const position = BigInt(place.getPosition().getCommitPosition());
  const index = log.indexAt(position);
  if (position < log.end() && log.events[index]?.position !== position)
    throw callFailures.unexpected(`No record begins at ${position}.`);
  return index;
}

/** Where a subscription to `$all` begins: after the event at the position. */
function firstPlace(log, place) {
  if (place.hasStart()) return { index: 0, position: 0n };
  const index = indexOf(log, place);
  if (place.hasEnd()) return { index, position: log.end() };
  const position = BigInt(place.getPosition().getCommitPosition());
  return { index: log.events[index]?.position === position ? index + 1 : index, position };
}

/** Where a subscription to a stream begins: after the revision. */
function firstRevision(log, place) {
  if (place.hasStart()) return 0;
  return place.hasEnd()
    ? log.visible(nameOf(place.getStreamIdentifier())).events.length
    : Number(place.getRevision()) + 1;
}
