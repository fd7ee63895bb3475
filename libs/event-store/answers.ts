import {
  derivedId,
  hasCode,
  WaybillError,
  type CanonicalValue,
  type Clock,
  type Digest,
  type EventId,
} from '@waybill/kernel';
import type { Documents } from './documents.js';
import type { CommandContext, StoredEvent } from './event.js';
import { eventMetadata, readMetadata, writeMetadata } from './eventMetadata.js';
import type { EventStore } from './eventStore.js';

const GIVEN = 'answer-given.v1';
/** Characters of a body that stand in the event itself; one append holds 1 MiB, and each may take several bytes. */
const LONGEST_INLINE = 131_072;

/** What a caller was told when its command was carried out, word for word. */
export interface GivenAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the answer had none. */
  readonly body?: string;
}

/** An answer as it stands in the log. */
export interface KeptAnswer extends GivenAnswer {
  /** Of the event that holds it. */
  readonly position: bigint;
}

/** The answers to commands that a caller may repeat: one stream `answer-<commandId>` each, so that every server of the log gives the same one again. */
export interface Answers {
  /** The answer that was given to this very command. @throws WaybillError `idempotency-key-reused`, what reading throws */
  find(context: CommandContext): Promise<KeptAnswer | undefined>;
  /** Keeps the answer, before the caller gets it. Where one stands already, that one is answered. Throws as `find`, and what appending throws. */
  keep(context: CommandContext, answer: GivenAnswer): Promise<KeptAnswer>;
}

export function answers(options: {
  readonly store: Pick<EventStore, 'read' | 'append'>;
  readonly documents: Documents;
  readonly clock: Clock;
}): Answers {
  const { store, documents, clock } = options;

  async function find(context: CommandContext): Promise<KeptAnswer | undefined> {
    for await (const stored of store.read(streamOf(context))) {
      if (readMetadata(stored).commandDigest !== context.commandDigest)
        throw new WaybillError('idempotency-key-reused');
      return { ...(await read(stored)), position: stored.position };
    }
    return undefined;
  }

  async function read(stored: StoredEvent): Promise<GivenAnswer> {
    if (stored.type !== GIVEN)
      throw new WaybillError('event-unknown', {
        stream: stored.stream,
        revision: String(stored.revision),
        type: stored.type,
      });
    const { status, headers, body, document } = stored.data as unknown as AnswerGiven;
    const text = document === undefined ? body : Buffer.from(await documents.get(document)).toString('utf8');
    return { status, headers, ...(text === undefined ? {} : { body: text }) };
  }

  async function written({ status, headers, body }: GivenAnswer): Promise<AnswerGiven> {
    if (body === undefined) return { status, headers };
    if (body.length <= LONGEST_INLINE) return { status, headers, body };
    return { status, headers, document: await documents.put(Buffer.from(body)) };
  }

  return {
    find,
    async keep(context, answer) {
      const event = {
        // Not that of the command's own first event, which stands in another stream.
        id: derivedId('answer', context.commandId) as EventId,
        type: GIVEN,
        data: (await written(answer)) as unknown as CanonicalValue,
        metadata: writeMetadata(eventMetadata(context, clock)),
      };
      try {
        const appended = await store.append(streamOf(context), 'no_stream', [event]);
        if (appended.outcome === 'written') return { ...answer, position: appended.position };
      } catch (error) {
        if (!hasCode(error, 'wrong-expected-revision')) throw error;
      }
      // Another server was asked the same and was faster.
      return (await find(context)) ?? { ...answer, position: -1n };
    },
  };
}

/** The document that an answer names, if the event is one and names one. */
export function answerDocumentNamedBy({ type, data }: Pick<StoredEvent, 'type' | 'data'>): readonly Digest[] {
  const document = type === GIVEN ? (data as unknown as AnswerGiven).document : undefined;
  return document === undefined ? [] : [document];
}

interface AnswerGiven {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Where a body too long for an event is. */
  readonly document?: Digest;
}

const streamOf = ({ commandId }: CommandContext): string => `answer-${commandId}`;
