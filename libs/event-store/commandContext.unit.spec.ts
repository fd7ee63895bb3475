import { describe, expect, it } from 'vitest';
import { fixedClock, type EventId } from '@waybill/kernel';
import { childContext, followUpContext } from './commandContext.js';
import { eventMetadata } from './eventMetadata.js';
import { someContext, someone, theServer } from './testing/index.js';

describe('the context of a command', () => {
  it('has the same id for the same account and key, whatever the payload', () => {
    const [first, same, other] = [
      someContext('k1', { a: 1 }),
      someContext('k1', { a: 2 }),
      someContext('k2', { a: 1 }),
    ];
    expect(same.commandId).toBe(first.commandId);
    expect(other.commandId).not.toBe(first.commandId);
    expect(same.commandDigest).not.toBe(first.commandDigest);
    expect(other.commandDigest).toBe(first.commandDigest);
  });

  it('passes everything but the id on to its children, whose ids follow from their purposes', () => {
    const parent = someContext('k1');
    const child = childContext(parent, 'reserve-port');
    const { commandId, ...rest } = child;
    const { commandId: parentId, ...parentRest } = parent;
    expect(rest).toStrictEqual(parentRest);
    expect(new Set([parentId, commandId, childContext(parent, 'take-name').commandId]).size).toBe(3);
    expect(childContext(someContext('k1'), 'reserve-port')).toStrictEqual(child);
  });

  it('names the event that a follow-up came from, and the command at the root of it all', () => {
    const parent = someContext('k1', { secret: 1 });
    const cause = {
      id: '00000000-0000-4000-8000-000000000009' as EventId,
      metadata: eventMetadata(parent, fixedClock()),
    };
    const { commandId, ...rest } = followUpContext(cause, 'go-on', theServer);
    expect(rest).toStrictEqual({
      commandDigest: parent.commandDigest,
      correlationId: parent.correlationId,
      causationId: cause.id,
      actor: theServer,
      channel: 'system',
    });
    expect(commandId).toBe(followUpContext(cause, 'go-on', someone).commandId);
    expect(commandId).not.toBe(followUpContext(cause, 'stop', theServer).commandId);
  });
});
