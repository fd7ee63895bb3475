import { WaybillError } from '@waybill/kernel';
import { byteSource, type ByteSource } from './byteSource.js';
import { entryNames, linkTarget, refused, type EntryKind } from './entryNames.js';
import { extendedHeader, text, type ExtendedHeader } from './extendedHeader.js';
import { BLOCK, isZero, tarHeader, type TarHeader } from './tarHeader.js';

export interface TarEntry {
  /** In one spelling, see `entryNames`. */
  readonly name: string;
  readonly kind: EntryKind;
  /** Bytes. */
  readonly size: number;
  /** Of a link: the name within the archive that it leads to. */
  readonly target?: string;
  /** The content, once; what is not taken before the next entry is asked for is passed over. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

const MAX_EXTENDED = 1024 ** 2;
/** What old writers put where a size does not fit, beside the extended header that has it. */
const SIZES_THAT_DEFER = [0, 0o77777777777];

/**
 * Reads a tar archive in one pass, without unpacking. Of its own, since archives here are hostile until proven otherwise and general readers are lenient:
 * entries after the end mark, two sizes for one entry, or an archive that simply stops would be taken as they come.
 * `file` is what messages call the archive. Closes `source` whatever happens.
 * @throws WaybillError `package-truncated`, `package-damaged` (`at`: byte offset), `package-entry-refused`, `package-duplicate-entry`, `package-link-escapes`, `package-limit-exceeded`
 */
export async function* readTar(
  stream: AsyncIterable<Uint8Array>,
  file: string,
  limits: { readonly entries: number },
): AsyncGenerator<TarEntry, void, undefined> {
  const source = byteSource(stream);
  const named = entryNames(limits);
  let extended: ExtendedHeader = {};
  let count = 0;
  let last = 'the first header';
  try {
    for (;;) {
      const header = await nextHeader(source, file, last);
      if (header === undefined) break;
      if (++count > limits.entries)
        throw new WaybillError('package-limit-exceeded', {
          what: 'The number of entries',
          limit: limits.entries,
          entry: file,
        });
      if (['x', 'g', 'L', 'K'].includes(header.type)) {
        const more = await readExtended(source, file, header);
        const twice = (['path', 'linkPath', 'size'] as const).find((key) => key in more && key in extended);
        if (twice !== undefined)
          throw refused(more.path ?? extended.path ?? file, `two extended headers say what its ${inWords[twice]} is.`);
        extended = { ...extended, ...more };
        continue;
      }
      const { bytes, rest, ...entry } = entryOf(header, extended, named, source, file);
      extended = {};
      last = `"${entry.name}"`;
      yield { ...entry, bytes };
      await rest();
    }
    if (Object.keys(extended).length > 0) throw damaged(file, source.position, 'it ends after an extended header');
    await expectZeros(source, file);
  } finally {
    await source.close();
  }
}

const inWords = { path: 'name', linkPath: 'target', size: 'size' } as const;

/** `undefined`: the end mark, or an archive of no bytes at all. */
async function nextHeader(source: ByteSource, file: string, last: string): Promise<TarHeader | undefined> {
  const at = source.position;
  const block = await source.take(BLOCK);
  if (at === 0 && block.length === 0) return undefined;
  if (block.length < BLOCK) throw truncated(file, at === 0 ? last : `the entry after ${last}`);
  if (isZero(block)) return undefined;
  const header = tarHeader(block);
  if (header === undefined) throw damaged(file, at, 'there is no tar header where one must be');
  return header;
}

async function readExtended(source: ByteSource, file: string, header: TarHeader): Promise<ExtendedHeader> {
  const size = header.size ?? Infinity;
  if (size > MAX_EXTENDED) throw refused(file, 'it has an extended header that is too long.');
  const bytes = await source.take(size + padding(size));
  if (bytes.length < size + padding(size)) throw truncated(file, 'an extended header');
  const content = bytes.subarray(0, size);
  if (header.type === 'L' || header.type === 'K') {
    const name = text(content.at(-1) === 0 ? content.subarray(0, -1) : content);
    if (name === undefined) throw refused(file, 'it has a name that is not UTF-8.');
    return header.type === 'L' ? { path: name } : { linkPath: name };
  }
  const found = extendedHeader(content);
  if (typeof found === 'string') throw refused(text(header.name) ?? file, `${found}.`);
  if (header.type === 'x') return found;
  if (Object.keys(found).length > 0) throw refused(file, 'a global header names an entry.');
  return {};
}

function entryOf(
  header: TarHeader,
  extended: ExtendedHeader,
  named: (written: string, kind: EntryKind) => string,
  source: ByteSource,
  file: string,
): TarEntry & { readonly rest: () => Promise<void> } {
  const written = extended.path ?? text(header.name);
  if (written === undefined) throw refused(Buffer.from(header.name).toString('latin1'), 'its name is not UTF-8.');
  const kind = kindOf(header.type, written);
  const name = named(written, kind);
  const size = sizeOf(header, extended, name);
  if (kind !== 'file' && size > 0) throw refused(name, `it is a ${kind} with content.`);
  const link = extended.linkPath ?? text(header.linkName) ?? '';
  if (extended.linkPath !== undefined && kind !== 'symlink' && kind !== 'hardlink')
    throw refused(name, `its extended header gives a ${kind} a target.`);
  const target = kind === 'symlink' || kind === 'hardlink' ? { target: linkTarget(name, kind, link) } : {};
  return { name, kind, size, ...target, ...content(source, file, name, size) };
}

function kindOf(type: string, name: string): EntryKind {
  switch (type) {
    case '0':
    case '\0':
    case '7':
      return name.endsWith('/') ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '5':
      return 'directory';
    case '3':
    case '4':
      throw refused(name, 'it is a device.');
    case '6':
      throw refused(name, 'it is a named pipe.');
    case 'S':
      throw refused(name, 'it is a sparse file.');
    default:
      throw refused(name, 'it is of a kind that packages do not hold.');
  }
}

function sizeOf(header: TarHeader, extended: ExtendedHeader, name: string): number {
  if (header.size === undefined) throw refused(name, 'its size is no number.');
  if (extended.size === undefined || extended.size === header.size) return header.size;
  if (!SIZES_THAT_DEFER.includes(header.size)) throw refused(name, 'it has two different sizes.');
  return extended.size;
}

function content(source: ByteSource, file: string, name: string, size: number) {
  let left = size;
  async function piece(): Promise<Uint8Array> {
    const found = await source.next(left);
    if (found === undefined) throw truncated(file, `"${name}"`);
    left -= found.length;
    return found;
  }
  async function* bytes() {
    while (left > 0) yield await piece();
  }
  async function rest(): Promise<void> {
    while (left > 0) await piece();
    if ((await source.take(padding(size))).length < padding(size)) throw truncated(file, `"${name}"`);
  }
  return { bytes: bytes(), rest };
}

async function expectZeros(source: ByteSource, file: string): Promise<void> {
  for (let piece = await source.next(Infinity); piece !== undefined; piece = await source.next(Infinity))
    if (!isZero(piece)) throw damaged(file, source.position - piece.length, 'there is data after its end');
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

const truncated = (file: string, where: string) => new WaybillError('package-truncated', { file, where });

const damaged = (file: string, at: number, reason: string) =>
  new WaybillError('package-damaged', { file, reason: `${reason} (byte ${at}).`, at });
