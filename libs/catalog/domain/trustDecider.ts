import type { Decider } from '@waybill/event-store';
import type { ImportId } from '@waybill/kernel';
import { evolveTrust, noTrust, type Trust } from './trust.js';
import type { KeyRevoked, KnownRoots, PublisherAccepted, TrustEvent, UnsignedPackageAccepted } from './trustEvents.js';

export type TrustCommand =
  | { readonly type: 'add-publisher'; readonly known: KnownRoots }
  | { readonly type: 'advance-roots'; readonly known: KnownRoots; readonly import: ImportId }
  | { readonly type: 'revoke-key'; readonly revocation: KeyRevoked['data'] }
  | { readonly type: 'accept-unsigned'; readonly accepted: UnsignedPackageAccepted['data'] }
  | { readonly type: 'accept-publisher'; readonly accepted: PublisherAccepted['data'] };

/**
 * The rules of `trust`. That roots hang together, and with those known here, was checked before; what is known already yields nothing.
 * Roots of a publisher whom nobody trusts are not advanced: a package must not bring trust along.
 */
export const trustDecider: Decider<Trust, TrustCommand, TrustEvent> = {
  decide(command, state) {
    switch (command.type) {
      case 'add-publisher': {
        const before = state.publishers.get(command.known.publisher);
        if (before === undefined) return [{ type: 'trust-root-added', data: command.known }];
        return isNewer(command.known, before) ? [{ type: 'publisher-roots-advanced', data: command.known }] : [];
      }
      case 'advance-roots': {
        const before = state.publishers.get(command.known.publisher);
        if (before === undefined || !isNewer(command.known, before)) return [];
        return [{ type: 'publisher-roots-advanced', data: { ...command.known, import: command.import } }];
      }
      case 'revoke-key':
        return state.revoked.has(command.revocation.key) ? [] : [{ type: 'key-revoked', data: command.revocation }];
      case 'accept-unsigned':
        return state.accepted.has(command.accepted.import)
          ? []
          : [{ type: 'unsigned-package-accepted', data: command.accepted }];
      case 'accept-publisher':
        return state.accepted.has(command.accepted.import)
          ? []
          : [{ type: 'publisher-accepted', data: command.accepted }];
    }
  },
  evolve: evolveTrust,
  initialState: () => noTrust,
};

const isNewer = (one: KnownRoots, other: KnownRoots): boolean => one.root > other.root;
