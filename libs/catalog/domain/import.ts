import type { Digest, TemplateKey } from '@waybill/kernel';
import type {
  Confirmation,
  Failure,
  ImportEvent,
  ImportOutcome,
  FileSource,
  ImportRequested,
  InspectionFacts,
  LostReason,
  PackageFile,
  PartReceived,
  PartsLost,
  StoredContent,
} from './importEvents.js';

export type ImportRequest = ImportRequested['data'];

/**
 * Where an import stands. `reading`, `storing` and `cataloguing` are the server's turn, `collecting` (parts are missing) and `inspected` (unless
 * confirmed in advance) a person's, the others are ends.
 */
export type Import =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'collecting';
      readonly request: ImportRequest;
      readonly parts: ReceivedParts;
      readonly lost: LostParts;
    }
  | {
      readonly kind: 'reading';
      readonly request: ImportRequest;
      readonly file?: PackageFile;
      readonly parts?: ReceivedParts;
    }
  | ({ readonly kind: 'inspected' } & Inspected)
  | ({ readonly kind: 'storing'; readonly confirmation: Confirmation } & Inspected)
  | ({ readonly kind: 'cataloguing'; readonly confirmation: Confirmation; readonly stored: StoredContent } & Inspected)
  | ({
      readonly kind: 'completed';
      readonly confirmation: Confirmation;
      readonly stored: StoredContent;
      readonly result: ImportResult;
    } & Inspected)
  | ({ readonly kind: 'refused' | 'failed'; readonly failure: Failure } & Begun)
  | ({ readonly kind: 'discarded' } & Begun);

export interface ImportResult {
  readonly template: TemplateKey;
  readonly version: string;
  readonly outcome: ImportOutcome;
}

/** Where each part lies, by its digest. */
export type ReceivedParts = ReadonlyMap<Digest, FileSource>;
/** Why a part that was there must come again. */
export type LostParts = ReadonlyMap<Digest, LostReason>;

/** What is known of every import, however far it came. */
export interface Begun {
  readonly request: ImportRequest;
  readonly parts?: ReceivedParts;
  readonly file?: PackageFile;
  readonly facts?: InspectionFacts;
}

export interface Inspected {
  readonly request: ImportRequest;
  readonly parts?: ReceivedParts;
  readonly file: PackageFile;
  readonly facts: InspectionFacts;
}

export type ImportState = Import['kind'];
export type OpenImport = Extract<Import, { kind: 'collecting' | 'reading' | 'inspected' | 'storing' | 'cataloguing' }>;

export const noImport: Import = { kind: 'absent' };

export function isOpen(process: Import): process is OpenImport {
  switch (process.kind) {
    case 'collecting':
    case 'reading':
    case 'inspected':
    case 'storing':
    case 'cataloguing':
      return true;
    case 'absent':
    case 'completed':
    case 'refused':
    case 'failed':
    case 'discarded':
      return false;
  }
}

export function evolveImport(state: Import, event: ImportEvent): Import {
  if (event.type === 'import-requested')
    return event.data.source.kind === 'parts'
      ? { kind: 'collecting', request: event.data, parts: new Map(), lost: new Map() }
      : { kind: 'reading', request: event.data };
  if (!isOpen(state)) return state;
  return evolveOpen(state, event);
}

type Ending = Extract<ImportEvent, { type: 'package-refused' | 'import-failed' | 'import-discarded' }>;
type Progress = Exclude<ImportEvent, Ending | { type: 'import-requested' }>;

function evolveOpen(state: OpenImport, event: Ending | Progress): Import {
  switch (event.type) {
    case 'package-refused':
      return { ...begun(state), kind: 'refused', failure: event.data };
    case 'import-failed':
      return { ...begun(state), kind: 'failed', failure: event.data };
    case 'import-discarded':
      return { ...begun(state), kind: 'discarded' };
    default:
      return advance(state, event);
  }
}

/** The decider lets no step pass out of order, so a step that does not fit is of a log that was damaged: it changes nothing. */
function advance(state: OpenImport, event: Progress): Import {
  if (event.type === 'part-received') return state.kind === 'collecting' ? withPart(state, event.data) : state;
  if (event.type === 'parts-lost') return withoutParts(state, event.data);
  if (state.kind === 'reading' && event.type === 'package-received') return { ...state, file: event.data };
  if (state.kind === 'reading' && event.type === 'package-inspected' && state.file !== undefined)
    return { ...begun(state), kind: 'inspected', file: state.file, facts: event.data };
  if (state.kind === 'inspected' && event.type === 'import-confirmed')
    return { ...inspected(state), kind: 'storing', confirmation: event.data };
  if (state.kind === 'storing' && event.type === 'images-stored')
    return { ...state, kind: 'cataloguing', stored: event.data };
  if (state.kind === 'cataloguing' && event.type === 'import-completed')
    return { ...state, kind: 'completed', result: event.data };
  return state;
}

/** With the last one the server's turn has come. */
function withPart(
  { request, parts, lost }: Extract<Import, { kind: 'collecting' }>,
  { part, source }: PartReceived['data'],
): Import {
  const received = new Map(parts).set(part, source);
  const isWhole = request.source.kind === 'parts' && received.size >= request.source.distinct;
  if (isWhole) return { kind: 'reading', request, parts: received };
  const left = new Map([...lost].filter(([digest]) => digest !== part));
  return { kind: 'collecting', request, parts: received, lost: left };
}

function withoutParts(state: OpenImport, { parts: gone, reason }: PartsLost['data']): Import {
  if (state.kind !== 'collecting' && state.kind !== 'reading') return state;
  const parts = new Map([...(state.parts ?? [])].filter(([digest]) => !gone.includes(digest)));
  const before = state.kind === 'collecting' ? state.lost : [];
  const lost = new Map([...before, ...gone.map((digest) => [digest, reason] as const)]);
  return { kind: 'collecting', request: state.request, parts, lost };
}

const inspected = ({ request, parts, file, facts }: Inspected): Inspected => ({
  request,
  ...(parts === undefined ? {} : { parts }),
  file,
  facts,
});

const begun = (state: OpenImport): Begun =>
  state.kind === 'reading' || state.kind === 'collecting'
    ? {
        request: state.request,
        ...(state.parts === undefined ? {} : { parts: state.parts }),
        ...('file' in state ? { file: state.file } : {}),
      }
    : inspected(state);
