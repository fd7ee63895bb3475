import { sha256, type Digest } from '@waybill/kernel';
import type { CarriedPart } from '../manifest.js';
import { limited } from '../limited.js';
import type { Notice, ReadLimits } from '../package.js';
import { sortedJson, type JsonValue } from './json.js';
import type { ComposeNoticeCode } from '../compose/noticeCodes.js';
import type { NoticeCode as RamNoticeCode } from './noticeCodes.js';
import { byText } from './order.js';

type NoticeCode = RamNoticeCode | ComposeNoticeCode;

/** Gathers, while a manifest is made, what is carried along, the documents it is kept in, and what a reader must be told. */
export interface Carrying {
  /** Keeps a part; `told: false` for what the reference system would not apply either. */
  carry(part: {
    readonly kind: string;
    readonly name: string;
    readonly component?: string;
    readonly content: JsonValue;
    readonly told?: boolean;
    /** Why it cannot be applied, where its kind does not say it: a clause without a full stop. */
    readonly why?: string;
  }): void;
  /** Keeps a document and gives its digest. */
  document(content: JsonValue): Digest;
  tell(code: NoticeCode, subject: string, message: string): void;
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  parts(): readonly CarriedPart[];
  notices(): readonly Notice[];
}

/** Notices of one code that are listed one by one; a reader of more reads none. */
const LISTED = 500;

/** `limits.parts` is how many documents may come of a package. */
export function carrying(limits: Pick<ReadLimits, 'parts'>): Carrying {
  const documents = new Map<Digest, Uint8Array>();
  const parts: CarriedPart[] = [];
  const notices: Notice[] = [];

  const document = (content: JsonValue): Digest => {
    const bytes = new TextEncoder().encode(sortedJson(content));
    const digest = sha256(bytes);
    documents.set(digest, bytes);
    limited('The number of parts that are carried along', documents.size, limits.parts, 'metadata.json');
    return digest;
  };
  const told = new Map<NoticeCode, number>();
  const tell = (code: NoticeCode, subject: string, message: string) => {
    const count = (told.get(code) ?? 0) + 1;
    told.set(code, count);
    if (count <= LISTED) notices.push({ code, subject: shortened(subject), message: shortened(message) });
  };
  const unlisted = (): readonly Notice[] =>
    [...told]
      .filter(([, count]) => count > LISTED)
      .map(([code, count]) => ({
        code,
        subject: 'template',
        message: `There are ${count - LISTED} more notices of this kind.`,
      }));

  return {
    carry({ kind, name, component, content, told = true, why }) {
      parts.push({ kind, name, ...(component === undefined ? {} : { component }), content: document(content) });
      if (!told) return;
      const subject = component === undefined ? 'template' : subjectOf(component);
      if (kind === 'unknown-field')
        tell('unknown-field', subject, `The field ${name} is unknown; it is kept, but has no effect here.`);
      else
        tell(
          'part-carried',
          subject,
          `The ${partInWords({ kind, name })} is kept, but cannot be applied here${why === undefined ? '' : `: ${why}`}.`,
        );
    },
    document,
    tell,
    documents,
    parts: () => [...parts].sort(byText((part) => [part.kind, part.name, part.component ?? '', part.content])),
    notices: () => [...notices, ...unlisted()].sort(byText((notice) => [notice.subject, notice.code, notice.message])),
  };
}

/** What a carried part is called in a sentence: kinds are for programs. */
export const partInWords = ({ kind, name }: Pick<CarriedPart, 'kind' | 'name'>): string =>
  `${kind.replace(/^unusable-/, '').replaceAll('-', ' ')} ${JSON.stringify(name)}`;

/** Names are as long as their author likes. */
const shortened = (text: string): string => (text.length > 1000 ? `${text.slice(0, 1000).toWellFormed()}…` : text);

export const subjectOf = (component: string): string => `component:${component}`;
