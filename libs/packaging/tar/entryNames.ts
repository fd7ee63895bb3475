import { printable, WaybillError } from '@waybill/kernel';

export type EntryKind = 'file' | 'directory' | 'symlink' | 'hardlink';

const MAX_NAME_BYTES = 4096;
const MAX_DEPTH = 32;
/** What all names of one archive may take in memory, per entry that is allowed. */
const BYTES_PER_ENTRY = 256;
/** What it takes to remember a name, beside its text in two forms. */
const BYTES_PER_NAME = 120;

/**
 * Checks the names of one archive as they come and returns them in one spelling: no leading `./`, no trailing `/`.
 * Although nothing is unpacked by name here, a name that another reader would take for something else has no place in a package.
 * @throws WaybillError `package-entry-refused`, `package-duplicate-entry`, `package-limit-exceeded`
 */
export function entryNames(limits: { readonly entries: number }): (written: string, kind: EntryKind) => string {
  const seen = new Map<string, { readonly name: string; kind: EntryKind; readonly implied: boolean }>();
  let bytes = 0;

  function add(name: string, kind: EntryKind, implied: boolean): void {
    const folded = foldedName(name);
    const present = seen.get(folded);
    if (present === undefined) {
      bytes += BYTES_PER_NAME + name.length + folded.length;
      if (bytes > limits.entries * BYTES_PER_ENTRY)
        throw new WaybillError('package-limit-exceeded', {
          what: 'The length of all names in bytes',
          limit: limits.entries * BYTES_PER_ENTRY,
          entry: name,
        });
      seen.set(folded, { name, kind, implied });
    } else if (present.name !== name)
      throw refused(name, `it differs from "${present.name}" in case, width or Unicode form only.`);
    else if (implied && present.kind !== 'directory')
      throw refused(name, 'entries lie below it, though it is no directory.');
    else if (!implied && kind !== 'directory' && present.implied)
      throw refused(name, 'entries lie below it, though it is no directory.');
    else if (!implied && !(kind === 'directory' && present.kind === 'directory'))
      throw new WaybillError('package-duplicate-entry', { entry: name });
  }

  return (written, kind) => {
    const name = plainName(written);
    const steps = name.split('/');
    if (steps.length > MAX_DEPTH) throw refused(name.slice(0, 200), `it lies deeper than ${MAX_DEPTH} directories.`);
    for (let count = 1; count < steps.length; count++) add(steps.slice(0, count).join('/'), 'directory', true);
    if (name !== '.') add(name, kind, false);
    return name;
  };
}

function plainName(written: string): string {
  if (Buffer.byteLength(written) > MAX_NAME_BYTES)
    throw refused(written.slice(0, 200), `its name is longer than ${MAX_NAME_BYTES} bytes.`);
  if (printable(written) !== written)
    throw refused(written, 'its name holds control characters, or others that do not show.');
  if (written.includes('\\'))
    throw refused(written, 'its name holds a backslash, which leads elsewhere on some systems.');
  if (written === '') throw refused(written, 'it has no name.');
  if (written.startsWith('/')) throw refused(written, 'its path is absolute.');
  const steps = written.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..')) throw refused(written, 'its path leads upwards.');
  return steps.length === 0 ? '.' : steps.join('/');
}

/** One text for all names that some file system takes for the same: case, composition, full width, ligatures. */
const foldedName = (name: string): string =>
  // ASCII has nothing to fold but case, and most names are of it.
  /^[\x20-\x7e]*$/.test(name)
    ? name.toLowerCase()
    : name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

/** Where a link leads to within its archive. @throws WaybillError `package-link-escapes` */
export function linkTarget(entry: string, kind: 'symlink' | 'hardlink', target: string): string {
  // A symlink starts where it lies, a hard link at the archive's root.
  const steps = kind === 'symlink' ? entry.split('/').slice(0, -1) : [];
  if (target === '' || target.startsWith('/') || /\p{Cc}/u.test(target)) throw escapes(entry, target);
  for (const step of target.split('/')) {
    if (step === '..') {
      if (steps.pop() === undefined) throw escapes(entry, target);
    } else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}

const escapes = (entry: string, target: string) => new WaybillError('package-link-escapes', { entry, target });

export const refused = (entry: string, reason: string): WaybillError =>
  new WaybillError('package-entry-refused', { entry, reason });
