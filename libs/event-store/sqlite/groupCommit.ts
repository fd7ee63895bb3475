import { hasCode } from '@waybill/kernel';
import type { Appended } from '../eventStore.js';
import { appendEvents, headOf, type AppendRequest } from './appendEvents.js';
import type { LogFile } from './logFile.js';

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

type Answer = { readonly appended: Appended } | { readonly error: unknown };

export interface GroupCommit {
  /** Resolves once the events are on the disk. Requests are carried out in the order of the calls. */
  append(request: AppendRequest): Promise<Appended>;
  /** Carries out what is waiting. */
  flush(): void;
}

/** One transaction may hold this much, so that the process is not kept from everything else for long. */
const MOST_APPENDS = 512;
const MOST_BYTES = 8 * 1_048_576;

/**
 * Writes to the disk are slow and cost the same for one append or a hundred: what arrives in one turn of the event loop, the last
 * commit's time included, shares a transaction. Each request has its own answer all the same.
 * @param onCommitted called after a transaction that wrote something
 */
export function groupCommit(log: LogFile, onCommitted: () => void): GroupCommit {
  let waiting: Waiting[] = [];
  let scheduled = false;

  const schedule = () => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (waiting.length > 0) commit(takeBatch());
      schedule();
    });
  };

  const takeBatch = (): readonly Waiting[] => {
    let bytes = 0;
    const end = waiting.findIndex(({ request }, i) => {
      bytes += request.events.reduce((sum, event) => sum + event.size, 0);
      return i > 0 && (i >= MOST_APPENDS || bytes > MOST_BYTES);
    });
    const batch = end < 0 ? waiting : waiting.slice(0, end);
    waiting = end < 0 ? [] : waiting.slice(end);
    return batch;
  };

  const commit = (batch: readonly Waiting[]): void => {
    const answers = answersTo(
      log,
      batch.map(({ request }) => request),
    );
    if (answers.some((answer) => 'appended' in answer && answer.appended.outcome === 'written')) onCommitted();
    batch.forEach(({ resolve, reject }, i) => {
      const answer = answers[i];
      if (answer !== undefined && 'appended' in answer) resolve(answer.appended);
      else reject(answer?.error);
    });
  };

  return {
    append: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        schedule();
      }),
    flush() {
      while (waiting.length > 0) commit(takeBatch());
    },
  };
}

function answersTo(log: LogFile, requests: readonly AppendRequest[]): readonly Answer[] {
  try {
    return log.db.transaction(() => {
      log.ensureHeld();
      let head = headOf(log.db);
      return requests.map((request) => {
        const answer = answerTo(log, request, head);
        if ('appended' in answer && answer.appended.outcome === 'written') head = Number(answer.appended.position);
        return answer;
      });
    });
  } catch (error) {
    // The transaction failed as a whole, e.g. on a full disk. A smaller one may fit, and none must fail for another's size.
    if (requests.length === 1) return [{ error }];
    return requests.flatMap((request) => answersTo(log, [request]));
  }
}

/** A refusal is decided before anything is written, so the others' transaction goes on. */
function answerTo({ db }: LogFile, request: AppendRequest, head: number): Answer {
  try {
    return { appended: appendEvents(db, request, head) };
  } catch (error) {
    if (hasCode(error, 'wrong-expected-revision')) return { error };
    throw error;
  }
}
