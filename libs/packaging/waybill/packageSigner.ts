import { WaybillError } from '@waybill/kernel';
import {
  openEnvelope,
  PACKAGE_NAMESPACE,
  rootChain,
  sshSigner,
  type Envelope,
  type KeyFingerprint,
  type RootChain,
} from '../signing/index.js';
import type { PackageDescription } from './description.js';
import { STATEMENT_TYPE, statementOf } from './statement.js';

/** Who vouches for a package, as the package itself proves it. Whether that publisher is trusted here is for the reader to say. */
export type PackageSigner =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'signed'; readonly publisher: RootChain; readonly keys: ReadonlySet<KeyFingerprint> };

export interface SignatureFiles {
  readonly description: Uint8Array;
  readonly envelope: Envelope;
  readonly sshSignature?: string;
  readonly roots: readonly Envelope[];
}

/**
 * Checks every signature a package has: the statement and the SSH signature must be of keys in the publisher's newest root, and both about this
 * very description. A package without any signature is `unsigned`; one with a wrong signature is refused.
 * @throws WaybillError `package-signature-invalid`, `publisher-root-invalid`
 */
export function packageSigner(description: PackageDescription, files: SignatureFiles): PackageSigner {
  if (files.roots.length === 0 && files.envelope.signatures.length === 0 && files.sshSignature === undefined)
    return { kind: 'unsigned' };
  const publisher = rootChain(files.roots);
  const { id, name, root } = description.publisher;
  if (id !== publisher.publisher || name !== publisher.newest.publisher || root !== publisher.newest.version)
    throw invalid('it names another publisher than the one whose roots it carries');
  const opened = openEnvelope(files.envelope, STATEMENT_TYPE, publisher.keys);
  if (opened === undefined) throw invalid('no key of the publisher’s newest root signed its statement');
  if (!opened.payload.equals(statementOf(description, files.description)))
    throw invalid('what was signed is a statement about something else');
  const signer = sshSigner(files.sshSignature ?? '', PACKAGE_NAMESPACE, files.description);
  if (signer === undefined) throw invalid('its SSH signature is missing or is not one of waybill.json');
  if (!publisher.keys.some(({ fingerprint }) => fingerprint === signer.fingerprint))
    throw invalid(`its SSH signature is of ${signer.fingerprint}, which is no key of the publisher`);
  return { kind: 'signed', publisher, keys: new Set([...opened.signers, signer.fingerprint]) };
}

const invalid = (reason: string) => new WaybillError('package-signature-invalid', { reason });
