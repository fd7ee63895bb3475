import type { AcceptedPackageView, PersonView, TrustedPublisherView, TrustView } from '../api/trust.js';
import { timeText } from './amounts.js';
import { facts } from './facts.js';
import { table } from './table.js';

export const personText = ({ id, name }: PersonView): string => name ?? id;

/** When, by whom and why a package was taken that nobody who is trusted signed. */
export const acceptedText = (accepted: AcceptedPackageView): string =>
  `${timeText(accepted.at)} by ${personText(accepted.by)}: ${whyAccepted(accepted)}`;

const whyAccepted = (accepted: AcceptedPackageView): string =>
  accepted.kind === 'unsigned' ? accepted.reason : `"${accepted.name}" (${accepted.publisher}) was not trusted`;

/** Who signed a package, of its format. */
export const signedText = (format: string | undefined, publisher: { readonly name: string } | undefined): string =>
  publisher?.name ?? (format === 'waybill' ? 'NOBODY' : 'nobody: packages of this format cannot be signed');

export const publisherText = ({ publisher, name, root, keys }: TrustedPublisherView): string =>
  facts([
    ['Publisher', name],
    ['Fingerprint', publisher],
    ['Newest root', String(root)],
    ['Keys', keys.join(', ')],
  ]);

export function trustText({ publishers, revoked, accepted }: TrustView): string {
  return [
    publishers.length === 0
      ? 'Nobody is trusted: packages of the waybill format are refused.\n'
      : table(
          ['publisher', 'fingerprint', 'root', 'keys'],
          publishers.map(({ name, publisher, root, keys }) => [name, publisher, String(root), keys.join(' ')]),
        ),
    ...(revoked.length === 0
      ? []
      : [
          '\nRevoked here:\n',
          table(
            ['key', 'reason'],
            revoked.map(({ key, reason }) => [key, reason]),
          ),
        ]),
    ...(accepted.length === 0
      ? []
      : [
          '\nTaken without trust:\n',
          table(
            ['import', 'file', 'template', 'version', 'accepted', 'by', 'why'],
            accepted.map((one) => [
              one.import,
              one.file.name,
              one.template ?? '',
              one.version ?? '',
              timeText(one.at),
              personText(one.by),
              one.kind === 'unsigned' ? `unsigned: ${one.reason}` : whyAccepted(one),
            ]),
          ),
        ]),
  ].join('');
}
