import type { ImportId } from '@waybill/kernel';
import type { KeyFingerprint, PublisherId } from '@waybill/packaging';
import type { KnownRoots, TrustEvent } from './trustEvents.js';

/** Whom this site trusts, and what it took without. */
export interface Trust {
  readonly publishers: ReadonlyMap<PublisherId, KnownRoots>;
  /** Keys that were revoked here, with the reason. */
  readonly revoked: ReadonlyMap<KeyFingerprint, string>;
  /** Imports whose package was accepted by name. */
  readonly accepted: ReadonlySet<ImportId>;
}

export const noTrust: Trust = { publishers: new Map(), revoked: new Map(), accepted: new Set() };

export function evolveTrust(trust: Trust, event: TrustEvent): Trust {
  switch (event.type) {
    case 'trust-root-added':
    case 'publisher-roots-advanced': {
      const { publisher, name, root, roots } = event.data;
      return { ...trust, publishers: new Map([...trust.publishers, [publisher, { publisher, name, root, roots }]]) };
    }
    case 'key-revoked':
      return { ...trust, revoked: new Map([...trust.revoked, [event.data.key, event.data.reason]]) };
    case 'unsigned-package-accepted':
    case 'publisher-accepted':
      return { ...trust, accepted: new Set([...trust.accepted, event.data.import]) };
  }
}
