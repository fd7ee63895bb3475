import {
  derivedId,
  isUuid,
  WaybillError,
  type CommandId,
  type ExportId,
  type ImportId,
  type TemplateKey,
} from '@waybill/kernel';

export const templateStream = (key: TemplateKey): string => `template-${key}`;
export const exportStream = (id: ExportId): string => `export-${id}`;
/** Whom this site trusts. */
export const TRUST_STREAM = 'trust';
/** Keys that servers of this log sign with. */
export const PUBLISHER_STREAM = 'publisher';
/** What was taken out of the content store. */
export const COLLECTIONS_STREAM = 'collections';
export const importStream = (id: ImportId): string => `import-${id}`;

/** What a caller polls or streams; also names the import's claim and its staging area. */
export const importOperation = (id: ImportId): string => `import-${id}`;

/** The import that a command asks for: the same for every repetition of the command. */
export const importIdOf = (command: CommandId): ImportId => derivedId('import', command) as ImportId;

/** @throws WaybillError `import-not-found`: what is no id names no import */
export function importId(text: string): ImportId {
  if (!isUuid(text)) throw new WaybillError('import-not-found', { import: text });
  return text as ImportId;
}

/** What a caller polls or streams; also names the export's claim. */
export const exportOperation = (id: ExportId): string => `export-${id}`;

/** The export that a command asks for: the same for every repetition of the command. */
export const exportIdOf = (command: CommandId): ExportId => derivedId('export', command) as ExportId;

/** @throws WaybillError `export-not-found`: what is no id names no export */
export function exportId(text: string): ExportId {
  if (!isUuid(text)) throw new WaybillError('export-not-found', { export: text });
  return text as ExportId;
}
