// One subscription: what is there, then what comes, no faster than its consumer takes it.
import { randomUUID } from 'node:crypto';
import { callFailures } from './failures.mjs';
import { caughtUpAnswer, confirmationAnswer, eventAnswer } from './recordedEvent.mjs';

/** A genuine server looks once more before it says that a subscription has caught up, so it never says so in the same breath as an event. */
const SECOND_LOOK_MS = 25;

/**
 * A source yields answers in order: `next()` gives {answers}, or {end: error}, or undefined at the present end of the log;
 * `waiting(limit)` says whether more than `limit` events wait for the consumer.
 * A consumer that has caught up once and then falls behind by more than the buffer is dropped.
 */
export function runSubscription(call, log, source, liveBuffer) {
  let live = false;
  let secondLook;
  let blocked = false;
  let over = false;

  function end(error) {
    if (over) return;
    over = true;
    unlisten();
    clearTimeout(secondLook);
    if (error !== undefined) call.emit('error', error);
  }

  function send(answer) {
    blocked = !call.write(answer) || blocked;
  }

  function pump() {
    while (!blocked && !over) {
      const step = source.next();
      if (step === undefined) return becomeLive();
      if (step.end !== undefined) return end(step.end);
      step.answers.forEach(send);
    }
  }

  function becomeLive() {
    if (live || secondLook !== undefined) return;
    source.atEnd().forEach(send);
    secondLook = setTimeout(() => {
      live = true;
      send(caughtUpAnswer());
    }, SECOND_LOOK_MS);
  }

  function onCommit() {
    if (over) return;
    if (!blocked) pump();
    else if (live && source.waiting(liveBuffer())) end(callFailures.tooSlow());
  }

  const unlisten = log.onCommit(onCommit);
  call.on('drain', () => {
    blocked = false;
    pump();
  });
  call.on('cancelled', () => end());
  call.on('close', () => end());
  call.on('error', () => end());
  send(confirmationAnswer(randomUUID()));
  if (!blocked) pump();
}

/** Events of the whole log from an index on. Checkpoints come only with a filter, counted over all events looked at. */
export function allSource(log, start, filter, checkpointAnswer) {
  let index = start.index;
  let looked = 0;
  let checkpoints = 0;
  const checkpointAfter = (event) => {
    looked += 1;
    if (filter.checkpointEvery === undefined || looked % filter.checkpointEvery !== 0) return [];
    checkpoints += 1;
    return [checkpointAnswer(event.position)];
  };
  return {
    next() {
      if (index >= log.events.length) return undefined;
      const event = log.events[index];
      index += 1;
      return { answers: [...(filter.matches(event) ? [eventAnswer(event)] : []), ...checkpointAfter(event)] };
    },
    atEnd: () => (filter.checkpointEvery !== undefined && checkpoints === 0 ? [checkpointAnswer(start.position)] : []),
    waiting(limit) {
      if (log.events.length - index <= limit) return false;
      return log.events.slice(index).filter((event) => filter.matches(event)).length > limit;
    },
  };
}

/** Events of one stream from a revision on; ends when the stream is tombstoned. */
export function streamSource(log, name, firstRevision) {
  let revision = firstRevision;
  return {
    next() {
      const { tombstoned, from, events } = log.visible(name);
      if (tombstoned) return { end: callFailures.deleted(name) };
      revision = Math.max(revision, Math.min(from, events.length));
      if (revision >= events.length) return undefined;
      revision += 1;
      return { answers: [eventAnswer(events[revision - 1])] };
    },
    atEnd: () => [],
    waiting: (limit) => log.visible(name).events.length - revision > limit,
  };
}
