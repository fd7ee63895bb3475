import type { StoredEvent } from '@waybill/event-store';
import { sha256, type CanonicalValue, type ComponentKey, type EventId } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { instanceSerde } from '../domain/serde.js';
import { deliveryDocumentsNamedBy } from './documentsNamedBy.js';

const set = (path: string, value: CanonicalValue): StoredEvent => ({
  id: '00000000-0000-4000-8000-000000000001' as EventId,
  ...instanceSerde.encode({ type: 'setting-changed', data: { component: 'web' as ComponentKey, path, value } }),
  metadata: {},
  stream: 'instance-1',
  revision: 0n,
  position: 0n,
});

describe('the documents that a setting names', () => {
  it('are the file that a site wants, from the moment it asks for it', () =>
    expect(deliveryDocumentsNamedBy(set('file//etc/my.cnf', { document: sha256('a=1'), mode: 420 }))).toEqual([
      { digest: sha256('a=1') },
    ]));
  it.each<[string, CanonicalValue]>([
    ['env/A', { text: 'x' }],
    ['env/A', null],
    ['memory', 64],
    ['publish/80', false],
  ])('are none for %s = %o', (path, value) => {
    expect(deliveryDocumentsNamedBy(set(path, value))).toEqual([]);
  });
});
