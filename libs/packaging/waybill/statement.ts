import { canonicalJson, hexOf, sha256 } from '@waybill/kernel';
import { envelope, type Envelope, type SigningKey } from '../signing/index.js';
import type { PackageDescription } from './description.js';
import { DESCRIPTION } from './names.js';

export const STATEMENT_TYPE = 'application/vnd.in-toto+json';
const PREDICATE_TYPE = 'urn:waybill:package:v1';

/** The in-toto statement about a package: its subject is `waybill.json`, the predicate says of which version of what that is. */
export const statementOf = (description: PackageDescription, bytes: Uint8Array): Buffer =>
  Buffer.from(
    canonicalJson({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: DESCRIPTION, digest: { sha256: hexOf(sha256(bytes)) } }],
      predicateType: PREDICATE_TYPE,
      predicate: {
        publisher: description.publisher,
        template: description.template,
        version: description.version,
        manifest: description.manifest,
      },
    }),
  );

export const signStatement = (
  description: PackageDescription,
  bytes: Uint8Array,
  keys: readonly SigningKey[],
): Envelope => envelope(keys, STATEMENT_TYPE, statementOf(description, bytes));
