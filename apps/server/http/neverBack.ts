import { createHash } from 'node:crypto';
import type { OperationDto, ProgressDto } from './dto/operation.dto.js';

/** How far a listener was told that an operation is. */
export interface Mark {
  readonly steps: number;
  readonly bytes: number;
}

export const start: Mark = { steps: 0, bytes: 0 };

/**
 * The progress as a listener may see it who was told of `mark` before: what is done a second time (after a restart of the server, or
 * when the engine was away) shows as what was reached, until it has been reached again.
 */
export function neverBack(progress: ProgressDto, mark: Mark): ProgressDto {
  const { steps, bytes, total, ...rest } = progress;
  if (steps === undefined) return progress;
  if (steps.done < mark.steps) {
    const { rate: _rate, remaining: _remaining, ...without } = rest;
    return { ...without, steps: { done: mark.steps, total: Math.max(steps.total, mark.steps) } };
  }
  if (steps.done > mark.steps || bytes === undefined || bytes >= mark.bytes) return progress;
  const { rate: _rate, remaining: _remaining, ...without } = rest;
  return {
    ...without,
    steps,
    bytes: mark.bytes,
    ...(total === undefined ? {} : { total: Math.max(total, mark.bytes) }),
  };
}

/** The mark after a listener was told of this. */
export function markAfter({ steps, bytes = 0 }: ProgressDto, mark: Mark): Mark {
  if (steps === undefined || steps.done < mark.steps) return mark;
  return { steps: steps.done, bytes: steps.done === mark.steps ? Math.max(bytes, mark.bytes) : bytes };
}

/** Names what an event says, and holds the mark: whoever comes back with it, to whichever server, is not told less than before. */
export const eventId = (view: OperationDto, { steps, bytes }: Mark): string =>
  `${steps}.${bytes}.${createHash('sha256').update(JSON.stringify(view)).digest('hex').slice(0, 12)}`;

/** The mark in a `Last-Event-ID`; the start for what is none of ours. */
export function markIn(lastEventId: string | undefined): Mark {
  const [, steps, bytes] = /^(\d{1,9})\.(\d{1,15})\.[0-9a-f]{12}$/.exec(lastEventId ?? '') ?? [];
  return steps === undefined ? start : { steps: Number(steps), bytes: Number(bytes) };
}
