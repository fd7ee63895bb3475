import type { TemplateKey } from '@waybill/kernel';
import type {
  Confirmation,
  Failure,
  ImportEvent,
  ImportOutcome,
  ImportRequested,
  InspectionFacts,
  PackageFile,
  StoredContent,
} from './importEvents.js';

export type ImportRequest = ImportRequested['data'];

/**
 * Where an import stands. `reading`, `storing` and `cataloguing` are the server's turn, `inspected` is a person's (unless confirmed in advance),
 * the others are ends.
 */
export type Import =
  | { readonly kind: 'absent' }
  | { readonly kind: 'reading'; readonly request: ImportRequest; readonly file?: PackageFile }
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

/** What is known of every import, however far it came. */
export interface Begun {
  readonly request: ImportRequest;
  readonly file?: PackageFile;
  readonly facts?: InspectionFacts;
}

export interface Inspected {
  readonly request: ImportRequest;
  readonly file: PackageFile;
  readonly facts: InspectionFacts;
}

export type ImportState = Import['kind'];
export type OpenImport = Extract<Import, { kind: 'reading' | 'inspected' | 'storing' | 'cataloguing' }>;

export const noImport: Import = { kind: 'absent' };

export function isOpen(process: Import): process is OpenImport {
  switch (process.kind) {
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
  if (event.type === 'import-requested') return { kind: 'reading', request: event.data };
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
  if (state.kind === 'reading' && event.type === 'package-received') return { ...state, file: event.data };
  if (state.kind === 'reading' && event.type === 'package-inspected' && state.file !== undefined)
    return { kind: 'inspected', request: state.request, file: state.file, facts: event.data };
  if (state.kind === 'inspected' && event.type === 'import-confirmed')
    return { ...inspected(state), kind: 'storing', confirmation: event.data };
  if (state.kind === 'storing' && event.type === 'images-stored')
    return { ...state, kind: 'cataloguing', stored: event.data };
  if (state.kind === 'cataloguing' && event.type === 'import-completed')
    return { ...state, kind: 'completed', result: event.data };
  return state;
}

const inspected = ({ request, file, facts }: Inspected): Inspected => ({ request, file, facts });

const begun = (state: OpenImport): Begun =>
  state.kind === 'reading'
    ? { request: state.request, ...(state.file === undefined ? {} : { file: state.file }) }
    : inspected(state);
