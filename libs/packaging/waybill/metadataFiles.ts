import { canonicalJson, sha256, WaybillError, type CanonicalValue, type Digest } from '@waybill/kernel';
import type { PackageBytes } from '../file/packageBytes.js';
import type { ReadLimits } from '../package.js';
import { isEnvelope, type Envelope } from '../signing/index.js';
import { readChecksums } from './checksums.js';
import * as names from './names.js';
import type { SignatureFiles } from './packageSigner.js';
import { damaged, damagedChecksums } from './refusals.js';
import type { PackedFile } from './scanFiles.js';

const MAX_ROOTS = 1000;

/** The small files of a package, each the one that `SHA256SUMS` means. */
export interface MetadataFiles extends SignatureFiles {
  /** Digest of every file by its name. */
  readonly checksums: ReadonlyMap<string, Digest>;
  /** Reads another small file and compares it. @throws WaybillError `package-damaged`, `package-file-missing`, `package-limit-exceeded` */
  file(name: string): Promise<Buffer>;
}

/**
 * Reads the checksums, which must list every file of the package and no other, and what is signed.
 * @throws WaybillError `package-damaged`, `package-file-missing`, `package-entry-refused`, `package-limit-exceeded`
 */
export async function metadataFiles(
  bytes: PackageBytes,
  files: ReadonlyMap<string, PackedFile>,
  limits: ReadLimits,
): Promise<MetadataFiles> {
  const read = async (name: string): Promise<Buffer> => {
    const packed = files.get(name);
    if (packed === undefined) throw new WaybillError('package-file-missing', { file: bytes.name, entry: name });
    if (packed.size > limits.metadataBytes)
      throw new WaybillError('package-limit-exceeded', {
        what: `The size of ${name} in bytes`,
        limit: limits.metadataBytes,
        entry: name,
      });
    return bytes.read(packed.at, packed.size);
  };
  const checksums = readChecksums(await read(names.CHECKSUMS));
  if (checksums === undefined) throw damagedChecksums(bytes.name);
  mustListAll(checksums, files, bytes.name);
  const file = async (name: string): Promise<Buffer> => {
    const content = await read(name);
    if (sha256(content) !== checksums.get(name)) throw damaged(bytes.name, name);
    return content;
  };
  const roots: Envelope[] = [];
  for (let version = 1; version <= MAX_ROOTS && files.has(names.rootName(version)); version += 1)
    roots.push(envelopeIn(await file(names.rootName(version)), names.rootName(version)));
  return {
    checksums,
    file,
    roots,
    description: await file(names.DESCRIPTION),
    envelope: envelopeIn(await file(names.ENVELOPE), names.ENVELOPE),
    ...(files.has(names.SSH_SIGNATURE) ? { sshSignature: (await file(names.SSH_SIGNATURE)).toString('latin1') } : {}),
  };
}

function mustListAll(
  checksums: ReadonlyMap<string, Digest>,
  files: ReadonlyMap<string, PackedFile>,
  file: string,
): void {
  for (const name of files.keys())
    if (name !== names.CHECKSUMS && !checksums.has(name))
      throw new WaybillError('package-entry-refused', { entry: name, reason: 'SHA256SUMS does not list it.' });
  for (const name of checksums.keys())
    if (!files.has(name)) throw new WaybillError('package-file-missing', { file, entry: name });
}

function envelopeIn(content: Buffer, name: string): Envelope {
  const refused = (cause?: unknown) =>
    new WaybillError('package-signature-invalid', { reason: `${name} is no envelope of signatures` }, { cause });
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw refused(cause);
  }
  if (!isEnvelope(value)) throw refused();
  const { payload, payloadType, signatures } = value;
  const read: Envelope = { payload, payloadType, signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })) };
  if (!Buffer.from(canonicalJson(read as unknown as CanonicalValue)).equals(content)) throw refused();
  return read;
}
