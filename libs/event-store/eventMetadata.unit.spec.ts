import { describe, expect, it } from 'vitest';
import { canonicalJson, fixedClock, hasCode, type CanonicalValue } from '@waybill/kernel';
import type { CommandContext, EventMetadata } from './event.js';
import { eventMetadata, readMetadata, writeMetadata } from './eventMetadata.js';
import { someContext, someone } from './testing/index.js';

const context: CommandContext = {
  ...someContext('k'),
  personal: { salt: 's4lt', name: 'Ada', agent: 'waybill/1' },
};

const stored = (metadata: CanonicalValue) => ({ metadata, stream: 's', revision: 2n });

describe('the metadata of an event', () => {
  it('says who, when, through what and for which command', () => {
    expect(eventMetadata(context, fixedClock('2026-03-01T10:00:00.000Z'))).toStrictEqual({
      schema: 1,
      commandId: context.commandId,
      commandDigest: context.commandDigest,
      correlationId: 'test-k',
      actor: someone,
      channel: 'cli',
      recordedAt: '2026-03-01T10:00:00.000Z',
      clock: { source: 'system', synchronised: 'unknown' },
      personal: { salt: 's4lt', name: 'Ada', agent: 'waybill/1' },
    });
  });

  it('tells when it happened only where that differs from when it was recorded', () => {
    const clock = fixedClock('2026-03-01T10:00:00.000Z');
    const at = (occurredAt: string) => eventMetadata(context, clock, { occurredAt }).occurredAt;
    expect([at('2026-03-01T10:00:00.000Z'), at('2025-01-01T00:00:00.000Z')]).toStrictEqual([
      undefined,
      '2025-01-01T00:00:00.000Z',
    ]);
  });

  it('is canonical and comes back as it was', () => {
    const metadata: EventMetadata = eventMetadata(context, fixedClock());
    const written = JSON.parse(canonicalJson(writeMetadata(metadata))) as CanonicalValue;
    expect(readMetadata(stored(written))).toStrictEqual(metadata);
  });

  it.each([
    ['commandId', { commandId: 'one' }],
    ['schema', { schema: 2 }],
    ['actor', { actor: { id: 'x', kind: 'robot', role: '' } }],
    ['recordedAt', { recordedAt: 'yesterday' }],
    ['personal', { personal: { name: 'Ada' } }],
    ['causationId', { causationId: null }],
  ])('is not read when its %s is not what it should be', (field, change) => {
    const metadata = { ...(writeMetadata(eventMetadata(context, fixedClock())) as object), ...change };
    const read = () => {
      try {
        return readMetadata(stored(metadata));
      } catch (error) {
        return error;
      }
    };
    const error = read();
    expect(hasCode(error, 'event-unreadable') && error.details).toStrictEqual({
      stream: 's',
      revision: '2',
      reason: `its metadata has no valid ${field}.`,
    });
  });
});
