import { sha256, type Digest } from '@waybill/kernel';
import type { CarriedPart } from '../manifest.js';
import type { Notice } from '../package.js';
import { sortedJson, type JsonValue } from './json.js';
import type { NoticeCode } from './noticeCodes.js';
import { byText } from './order.js';

/** Gathers, while a manifest is made, what is carried along, the documents it is kept in, and what a reader must be told. */
export interface Carrying {
  /** Keeps a part; `told: false` for what the reference system would not apply either. */
  carry(part: {
    readonly kind: string;
    readonly name: string;
    readonly component?: string;
    readonly content: JsonValue;
    readonly told?: boolean;
  }): void;
  /** Keeps a document and gives its digest. */
  document(content: JsonValue): Digest;
  tell(code: NoticeCode, subject: string, message: string): void;
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  parts(): readonly CarriedPart[];
  notices(): readonly Notice[];
}

export function carrying(): Carrying {
  const documents = new Map<Digest, Uint8Array>();
  const parts: CarriedPart[] = [];
  const notices: Notice[] = [];

  const document = (content: JsonValue): Digest => {
    const bytes = new TextEncoder().encode(sortedJson(content));
    const digest = sha256(bytes);
    documents.set(digest, bytes);
    return digest;
  };
  const tell = (code: NoticeCode, subject: string, message: string) => {
    notices.push({ code, subject, message });
  };

  return {
    carry({ kind, name, component, content, told = true }) {
      parts.push({ kind, name, ...(component === undefined ? {} : { component }), content: document(content) });
      if (!told) return;
      const subject = component === undefined ? 'template' : subjectOf(component);
      if (kind === 'unknown-field')
        tell('unknown-field', subject, `The field ${name} is unknown; it is kept, but has no effect here.`);
      else tell('part-carried', subject, `The ${kind} "${name}" is kept, but cannot be applied here.`);
    },
    document,
    tell,
    documents,
    parts: () => [...parts].sort(byText((part) => [part.kind, part.name, part.component ?? '', part.content])),
    notices: () => [...notices].sort(byText((notice) => [notice.subject, notice.code, notice.message])),
  };
}

export const subjectOf = (component: string): string => `component:${component}`;
