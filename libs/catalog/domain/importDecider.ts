import type { Decider } from '@waybill/event-store';
import { WaybillError, type Digest, type ImportId } from '@waybill/kernel';
import { evolveImport, isOpen, noImport, type Import, type ImportRequest, type ImportResult } from './import.js';
import type {
  Confirmation,
  Failure,
  FileSource,
  ImportEvent,
  InspectionFacts,
  LostReason,
  PackageFile,
  PartReceived,
  StoredContent,
} from './importEvents.js';

/** Every command names its import, so that a refusal can. */
export type ImportCommand = { readonly import: ImportId } & (
  | {
      readonly type: 'request-import';
      readonly request: ImportRequest;
      /** Of a split package, what is there already. */
      readonly parts?: readonly PartReceived['data'][];
    }
  | { readonly type: 'receive-part'; readonly part: Digest; readonly source: FileSource; readonly isGone: boolean }
  | { readonly type: 'lose-parts'; readonly parts: readonly Digest[]; readonly reason: LostReason }
  | { readonly type: 'receive-package'; readonly file: PackageFile }
  | { readonly type: 'record-inspection'; readonly facts: InspectionFacts }
  | { readonly type: 'refuse-package'; readonly failure: Failure }
  | { readonly type: 'confirm-import'; readonly confirmation: Confirmation }
  | { readonly type: 'record-stored'; readonly stored: StoredContent }
  | { readonly type: 'complete-import'; readonly result: ImportResult }
  | { readonly type: 'fail-import'; readonly failure: Failure }
  | { readonly type: 'discard-import' }
  | { readonly type: 'take-over'; readonly runner: string }
);

/**
 * The rules of `import-<id>`. A step that was taken already yields nothing, a step out of order is refused: so each may be
 * repeated after a crash, and a runner that lost its import cannot go on.
 */
export const importDecider: Decider<Import, ImportCommand, ImportEvent> = {
  decide(command, state) {
    switch (command.type) {
      case 'request-import':
        return state.kind === 'absent' ? requested(command) : [];
      case 'receive-part':
        return receivePart(command, state);
      case 'confirm-import':
        return confirm(command, state);
      case 'discard-import':
        return discard(command, state);
      default:
        return step(command, state);
    }
  },
  evolve: evolveImport,
  initialState: () => noImport,
};

type Of<Type extends ImportCommand['type']> = Extract<ImportCommand, { readonly type: Type }>;
type Step = Exclude<
  ImportCommand,
  { readonly type: 'request-import' | 'receive-part' | 'confirm-import' | 'discard-import' }
>;

const requested = ({ request, parts = [] }: Of<'request-import'>): readonly ImportEvent[] => [
  { type: 'import-requested', data: request },
  ...parts.map((data) => ({ type: 'part-received', data }) as const),
];

/** `isGone`: the file that this part came as before is there no more. */
function receivePart({ import: id, part, source, isGone }: Of<'receive-part'>, state: Import): readonly ImportEvent[] {
  if (state.kind === 'absent') throw new WaybillError('import-not-found', { import: id });
  const isKnown = 'parts' in state && state.parts.has(part);
  if (isKnown && !(isGone && state.kind === 'collecting')) return [];
  if (state.kind !== 'collecting') throw new WaybillError('import-not-collecting', { import: id, state: state.kind });
  return [
    ...(isKnown ? [{ type: 'parts-lost', data: { parts: [part], reason: 'gone' } } as const] : []),
    { type: 'part-received', data: { part, source } },
  ];
}

function confirm({ import: id, confirmation }: Of<'confirm-import'>, state: Import): readonly ImportEvent[] {
  if (state.kind === 'absent') throw new WaybillError('import-not-found', { import: id });
  if (state.kind === 'inspected') return [{ type: 'import-confirmed', data: confirmation }];
  if ('confirmation' in state && state.confirmation.version === confirmation.version) return [];
  throw new WaybillError('import-not-confirmable', { import: id, state: state.kind });
}

function discard({ import: id }: Of<'discard-import'>, state: Import): readonly ImportEvent[] {
  switch (state.kind) {
    case 'absent':
      throw new WaybillError('import-not-found', { import: id });
    case 'collecting':
    case 'reading':
    case 'inspected':
      return [{ type: 'import-discarded', data: {} }];
    case 'discarded':
      return [];
    // What was confirmed is being taken in and is finished, not undone half way.
    case 'storing':
    case 'cataloguing':
    case 'completed':
    case 'refused':
    case 'failed':
      throw new WaybillError('import-finished', { import: id, state: state.kind });
  }
}

function step(command: Step, state: Import): readonly ImportEvent[] {
  if (state.kind === 'absent') throw new WaybillError('import-not-found', { import: command.import });
  if (taken(command, state)) return [];
  if (!isOpen(state)) throw new WaybillError('import-finished', { import: command.import, state: state.kind });
  switch (command.type) {
    case 'lose-parts':
      return inOrder(command, state, state.kind === 'reading', {
        type: 'parts-lost',
        data: { parts: command.parts, reason: command.reason },
      });
    case 'receive-package':
      return [{ type: 'package-received', data: command.file }];
    case 'record-inspection':
      return inOrder(command, state, state.kind === 'reading' && state.file !== undefined, {
        type: 'package-inspected',
        data: command.facts,
      });
    case 'refuse-package':
      return inOrder(command, state, state.kind === 'reading', { type: 'package-refused', data: command.failure });
    case 'record-stored':
      return inOrder(command, state, state.kind === 'storing', { type: 'images-stored', data: command.stored });
    case 'complete-import':
      return inOrder(command, state, state.kind === 'cataloguing', { type: 'import-completed', data: command.result });
    case 'fail-import':
      return [{ type: 'import-failed', data: command.failure }];
    case 'take-over':
      return [{ type: 'taken-over', data: { runner: command.runner } }];
  }
}

/** Was this step taken before? A package that is received again must be the same one. */
function taken(command: Step, state: Import): boolean {
  switch (command.type) {
    case 'receive-package': {
      const before = 'file' in state ? state.file : undefined;
      if (before !== undefined && before.digest !== command.file.digest) throw changed(state, before, command.file);
      return before !== undefined;
    }
    case 'lose-parts':
      return state.kind === 'collecting';
    case 'record-inspection':
      return 'facts' in state;
    case 'record-stored':
      return 'stored' in state;
    case 'complete-import':
      return state.kind === 'completed';
    case 'refuse-package':
      return state.kind === 'refused';
    case 'fail-import':
      return state.kind === 'failed';
    case 'take-over':
      return false;
  }
}

function changed(state: Import, before: PackageFile, now: PackageFile): WaybillError {
  const path = 'request' in state ? state.request.source.name : '';
  return new WaybillError('package-changed', { path, expected: before.digest, actual: now.digest });
}

function inOrder(command: Step, state: Import, allowed: boolean, event: ImportEvent): readonly ImportEvent[] {
  if (!allowed)
    throw new WaybillError('conflict', {
      what: `The import ${command.import} (${state.kind})`,
      attempts: 1,
    });
  return [event];
}
