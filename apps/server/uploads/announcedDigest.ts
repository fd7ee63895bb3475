import { isDigest, WaybillError, type Digest } from '@waybill/kernel';

/** The digest under `sha256` of an upload's metadata: with or without its prefix. */
export function announcedDigest(metadata: Readonly<Record<string, string | null>> | undefined): Digest | undefined {
  const said = metadata?.['sha256'] ?? undefined;
  if (said === undefined) return undefined;
  const digest = said.startsWith('sha256:') ? said : `sha256:${said}`;
  if (!isDigest(digest)) throw new WaybillError('invalid-digest', { text: said });
  return digest;
}
