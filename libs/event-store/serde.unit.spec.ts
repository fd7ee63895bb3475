import { describe, expect, it } from 'vitest';
import { hasCode, type CanonicalValue, type EventId } from '@waybill/kernel';
import type { DomainEvent, StoredEvent } from './event.js';
import { eventMetadata, writeMetadata } from './eventMetadata.js';
import { serde } from './serde.js';
import { fixedClock } from '@waybill/kernel';
import { someContext } from './testing/index.js';

type Event =
  | DomainEvent<'seat-booked', { readonly row: number; readonly guest?: string | undefined }>
  | DomainEvent<'seat-freed', { readonly row: number }>;

const member = (data: CanonicalValue, name: string): CanonicalValue =>
  (data as Readonly<Record<string, CanonicalValue>>)[name] ?? null;

const seats = serde<Event>({
  'seat-booked': {
    version: 3,
    upcasters: {
      1: (data) => ({ row: Number(member(data, 'seat')) }),
      2: (data) => ({ ...(data as object), guest: 'unknown' }),
    },
    validate(data) {
      if (typeof member(data, 'row') !== 'number') throw new TypeError('its row is no number.');
    },
  },
  'seat-freed': { version: 1 },
});

const metadata = writeMetadata(eventMetadata(someContext('a'), fixedClock()));
const stored = (type: string, data: StoredEvent['data']): StoredEvent => ({
  id: '00000000-0000-4000-8000-000000000001' as EventId,
  type,
  data,
  metadata,
  stream: 'hall-1',
  revision: 4n,
  position: 9n,
});

const failure = (call: () => unknown) => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

describe('a serde', () => {
  it('writes the type with its version and canonical data, without what is undefined', () => {
    expect(seats.encode({ type: 'seat-booked', data: { row: 3, guest: undefined } })).toStrictEqual({
      type: 'seat-booked.v3',
      data: { row: 3 },
    });
  });

  it('reads what it wrote', () => {
    const event: Event = { type: 'seat-freed', data: { row: 3 } };
    const { type, data } = seats.encode(event);
    expect(seats.decode(stored(type, data))).toStrictEqual(event);
  });

  it('lifts older versions step by step to the present one', () => {
    expect(seats.decode(stored('seat-booked.v1', { seat: '7' }))).toStrictEqual({
      type: 'seat-booked',
      data: { row: 7, guest: 'unknown' },
    });
    expect(seats.decode(stored('seat-booked.v2', { row: 8 }))).toStrictEqual({
      type: 'seat-booked',
      data: { row: 8, guest: 'unknown' },
    });
  });

  it('knows every version shipped so far, and no other', () => {
    const names = ['seat-booked.v1', 'seat-booked.v3', 'seat-booked.v4', 'seat-booked', 'seat-booked.v0', 'other.v1'];
    expect(names.filter((name) => seats.knows(name))).toStrictEqual(['seat-booked.v1', 'seat-booked.v3']);
    expect(seats.types).toStrictEqual(['seat-booked.v3', 'seat-freed.v1']);
  });

  it.each(['seat-booked.v4', 'hall-closed.v1', 'seat-freed', 'constructor.v1'])(
    'refuses %s, which was never written by this version',
    (type) => {
      const error = failure(() => seats.decode(stored(type, {})));
      expect(hasCode(error, 'event-unknown') && error.details).toStrictEqual({ stream: 'hall-1', revision: '4', type });
    },
  );

  it.each([
    ['data out of shape', { row: 'three' }, 'its row is no number.'],
    ['bytes', new Uint8Array([1]), 'it holds bytes where JSON is expected.'],
  ])('says which event holds %s', (_, data, reason) => {
    const error = failure(() => seats.decode(stored('seat-booked.v3', data)));
    expect(hasCode(error, 'event-unreadable') && error.details).toStrictEqual({
      stream: 'hall-1',
      revision: '4',
      reason,
    });
  });

  it('refuses to write what could not be read back', () => {
    expect(() => seats.encode({ type: 'seat-booked', data: { row: 'x' as unknown as number } })).toThrow('no number');
    expect(
      hasCode(
        failure(() => seats.encode({ type: 'seat-freed', data: { row: 0.5 } })),
        'not-canonical',
      ),
    ).toBe(true);
  });

  it('adds the place and the metadata to what it reads', () => {
    expect(seats.record(stored('seat-freed.v1', { row: 1 }))).toStrictEqual({
      event: { type: 'seat-freed', data: { row: 1 } },
      id: '00000000-0000-4000-8000-000000000001',
      stream: 'hall-1',
      revision: 4n,
      position: 9n,
      metadata,
    });
  });

  it('cannot be made without a way up from every older version', () => {
    const upcasters = { 1: (data: CanonicalValue) => data };
    expect(() => serde<Event>({ 'seat-booked': { version: 3, upcasters }, 'seat-freed': { version: 1 } })).toThrow(
      'seat-booked has no upcaster from version 2',
    );
  });
});
