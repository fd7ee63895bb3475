import { canonicalJson, type CanonicalValue } from '@waybill/kernel';
import { envelope, rootChain, sshSignature, type SigningKey } from '../../../signing/index.js';
import type { PackageDescription } from '../../../waybill/description.js';
import { signStatement } from '../../../waybill/statement.js';
import type { TrustedPublishers } from '../../../waybill/trustedChain.js';
import type { WaybillContent } from '../../../waybill/writeWaybillPackage.js';
import {
  buildWaybillPackage,
  testKey,
  testPublisher,
  type PackedFiles,
  type WaybillPackageDescription,
} from '../../buildWaybillPackage.js';
import { images, metadata, type HostileCase } from '../soundPackage.js';

/** The publisher whom the reader of the table trusts, and somebody else. */
export const acme = testPublisher(1);
export const stranger = testPublisher(9);
export const [acmeKey, strangerKey] = [testKey(1), testKey(9)] as const;

export const trustOf = (
  chain = rootChain(acme.roots),
  revoked: TrustedPublishers['revoked'] = new Map(),
): TrustedPublishers => ({ chains: new Map([[chain.publisher, chain]]), revoked });

export const sound: WaybillPackageDescription = { metadata, images, publisher: acme };
export const build = (more: Partial<WaybillPackageDescription> = {}) => buildWaybillPackage({ ...sound, ...more });

/** Says in the description, before it is signed, what is not so. */
export const described = (
  title: string,
  outcome: string,
  change: (description: PackageDescription) => object,
): HostileCase => [
  title,
  outcome,
  () =>
    build({
      mutate: (content) => ({
        ...content,
        description: { ...content.description, ...change(content.description) },
      }),
    }),
];

/** Changes what is written, before it is signed. */
export const contained = (
  title: string,
  outcome: string,
  mutate: (content: WaybillContent) => WaybillContent,
): HostileCase => [title, outcome, () => build({ mutate })];

/** Changes files after all was signed, with checksums that fit. */
export const rewritten = (
  title: string,
  outcome: string,
  rewrite: (files: PackedFiles) => PackedFiles,
  limits: HostileCase[3] = {},
): HostileCase => [title, outcome, () => build({ rewrite }), limits];

/** Other bytes for one file, or for the first whose name begins so. */
export const replaced =
  (name: string, content: (before: Buffer, files: PackedFiles) => Uint8Array | string) =>
  (files: PackedFiles): PackedFiles => {
    const found = files.find((file) => file.name === name) ?? files.find((file) => file.name.startsWith(name));
    if (found === undefined) throw new Error(`the package has no ${name}`);
    return files.map((file) =>
      file === found ? { ...file, content: Buffer.from(content(file.content, files)) } : file,
    );
  };

export const without =
  (name: string) =>
  (files: PackedFiles): PackedFiles =>
    files.filter((file) => !file.name.startsWith(name));

export const added =
  (name: string, content: string | Uint8Array = '') =>
  (files: PackedFiles): PackedFiles => [...files, { name, content: Buffer.from(content as string) }];

export const contentOf = (files: PackedFiles, name: string): Buffer =>
  files.find((file) => file.name === name)?.content ?? Buffer.alloc(0);

/** The description in these bytes, with signatures of that key that are right for them. */
export const signedAnew =
  (bytes: (before: Buffer) => Buffer, key: SigningKey = acmeKey) =>
  (files: PackedFiles): PackedFiles => {
    const description = bytes(contentOf(files, 'waybill.json'));
    const parsed = JSON.parse(new TextDecoder().decode(description)) as PackageDescription;
    const all = replaced('waybill.json', () => description)(files);
    return replaced('waybill.json.sig', () => sshSignature(key, 'package@waybill', description))(
      replaced('waybill.dsse.json', () => asJson(signStatement(parsed, description, [key])))(all),
    );
  };

export const asJson = (value: object): string => canonicalJson(value as unknown as CanonicalValue);
export const sealedBy = (key: SigningKey, type: string, payload: Uint8Array): string =>
  asJson(envelope([key], type, payload));
