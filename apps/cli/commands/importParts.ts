import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import type { Part } from '@waybill/packaging';
import type { ImportAnswer, ImportState, ImportSummaryView, ImportView, MissingPartView } from '../api/import.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { isServerProblem } from '../client/serverProblem.js';
import { uploadFile } from '../client/upload.js';
import type { Session } from '../session.js';

/** What was named on the command line, told apart: packages, and split ones with where their parts may lie. */
export interface NamedFiles {
  readonly packages: readonly string[];
  readonly indexes: readonly string[];
  /** Folders, and parts by their own names. */
  readonly places: readonly string[];
}

/** On the server nothing but the names is known; here folders are looked into, and a part stands for the index beside it. */
export async function namedFiles(session: Session, files: readonly string[], onServer: boolean): Promise<NamedFiles> {
  const { indexName, isIndexName, namedPart } = await import('@waybill/packaging');
  const indexes = files.filter((file) => isIndexName(file));
  const parts = files.filter((file) => namedPart(basename(file)) !== undefined);
  const others = files.filter((file) => !indexes.includes(file) && !parts.includes(file));
  if (onServer) return { packages: indexes.length > 0 ? [] : others, indexes, places: [...parts, ...others] };
  const folders: string[] = [];
  for (const file of others) if (await isFolder(resolve(session.surroundings.workingFolder, file))) folders.push(file);
  const places = [...parts, ...folders];
  const packages = others.filter((file) => !folders.includes(file));
  if (indexes.length > 0 || places.length === 0) return { packages, indexes, places };
  const beside = new Set<string>();
  for (const part of parts) beside.add(join(dirname(part), indexName(namedPart(basename(part))?.package ?? '')));
  for (const folder of folders)
    for (const name of await readdir(resolve(session.surroundings.workingFolder, folder)))
      if (isIndexName(name)) beside.add(join(folder, name));
  return { packages, indexes: [...beside], places };
}

/** How far an import of a split package came. */
export interface PartsGiven {
  readonly answer: ImportAnswer;
  /** Parts here that are not what they should be, by their paths. */
  readonly bad: readonly string[];
}

/**
 * Gives the server the parts that are here and it lacks, going on with an import of that package which has not ended.
 * @param begin requests the import
 * @throws WaybillError `parts-index-invalid`
 */
export async function importParts(
  session: Session,
  file: string,
  places: readonly string[],
  begin: () => Promise<ImportAnswer>,
): Promise<PartsGiven> {
  const { parsePartsIndex, partsBeside } = await import('@waybill/packaging');
  const at = (place: string) => resolve(session.surroundings.workingFolder, place);
  const index = parsePartsIndex(await readIndex(at(file)), basename(file));
  const before = await unfinished(session, ({ parts }) => parts?.package === index.package.digest);
  const answer = before === undefined ? await begin() : goingOn(session, before);
  const folders = [dirname(at(file))];
  for (const place of places) folders.push((await isFolder(at(place))) ? at(place) : dirname(at(place)));
  const found = new Map((await partsBeside(index, folders)).map((part) => [part.number, part]));
  const bad: string[] = [];
  for (const { number } of await missingOf(session, answer)) {
    const part = found.get(number);
    if (part?.path === undefined) continue;
    if (part.found !== part.size || !(await send(session, answer, { ...part, path: part.path }))) bad.push(part.path);
  }
  return { answer, bad };
}

/** The same for parts that lie on the server, in places it is told; what is in the index is known there only, so that names must do. */
export async function importPartsThere(
  session: Session,
  file: string,
  places: readonly string[],
  begin: () => Promise<ImportAnswer>,
): Promise<PartsGiven> {
  const { isIndexOf } = await import('@waybill/packaging');
  const before = await unfinished(session, ({ name }) => isIndexOf(basename(file), name));
  const answer =
    before?.state === 'collecting' ? goingOn(session, before) : await beginUnlessSame(session, before, begin);
  const bad: string[] = [];
  for (const { name } of await missingOf(session, answer))
    for (const place of [dirname(file), ...places]) {
      const path = basename(place) === name ? place : `${place}/${name}`;
      try {
        await session.client.post(pathTo('imports', answer.id, 'parts'), { path });
        break;
      } catch (error) {
        const code = isServerProblem(error) ? error.problem.code : undefined;
        if (code === 'part-differs') bad.push(path);
        else if (code !== 'package-not-found') throw error;
      }
    }
  return { answer, bad };
}

/** A file that is not what the index lists is not sent at all. */
async function send(session: Session, { id }: ImportAnswer, { path, digest }: Part & { readonly path: string }) {
  const upload = await uploadFile(session, path, digest);
  if (upload === undefined) return false;
  await session.client.post(pathTo('imports', id, 'parts'), { upload });
  return true;
}

/** In the order in which an import goes through them. */
const UNFINISHED: readonly ImportState[] = ['collecting', 'reading', 'inspected', 'storing', 'cataloguing'];

async function unfinished(
  session: Session,
  isIt: (one: ImportSummaryView) => boolean,
): Promise<ImportSummaryView | undefined> {
  for (const state of UNFINISHED) {
    const { items } = await allPages<ImportSummaryView>(session.client, '/imports', { state });
    const found = items.find(isIt);
    if (found !== undefined) return found;
  }
  return undefined;
}

function goingOn(session: Session, { id, state }: ImportSummaryView): ImportAnswer {
  session.remark(`This goes on with the import ${id}.`);
  return { id, operation: `import-${id}`, state };
}

/** Another package may have had that name: which one it is the server says once it has read the index. */
async function beginUnlessSame(
  session: Session,
  before: ImportSummaryView | undefined,
  begin: () => Promise<ImportAnswer>,
): Promise<ImportAnswer> {
  const begun = await begin();
  if (before === undefined) return begun;
  const { parts } = await session.client.get<ImportView>(pathTo('imports', begun.id));
  if (parts?.package !== before.parts?.package) return begun;
  await session.client.delete(pathTo('imports', begun.id));
  return goingOn(session, before);
}

const missingOf = async (session: Session, { id }: ImportAnswer): Promise<readonly MissingPartView[]> =>
  (await session.client.get<ImportView>(pathTo('imports', id))).parts?.missing ?? [];

async function readIndex(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new WaybillError('package-not-found', { path }, { cause });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    // Whoever reads it as a file says so in better words.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
