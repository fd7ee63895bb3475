import { createHash, type Hash } from 'node:crypto';
import { catalogDocumentsNamedBy } from '@waybill/catalog';
import { deliveryDocumentsNamedBy } from '@waybill/delivery';
import { answerDocumentNamedBy, type Documents, type NamedDocument, type StoredEvent } from '@waybill/event-store';
import { hexOf, type Digest } from '@waybill/kernel';
import { found, type Finding } from './finding.js';

const documentsNamedBy = (event: StoredEvent): readonly NamedDocument[] => [
  ...catalogDocumentsNamedBy(event),
  ...deliveryDocumentsNamedBy(event),
  ...answerDocumentNamedBy(event).map((digest) => ({ digest })),
];

interface OpenDocument {
  readonly hash: Hash;
  complete: boolean;
}

export interface DocumentCheck {
  /** Takes the log's events in their order. */
  take(event: StoredEvent): void;
  /** When all were taken: reads those documents that name others, one at a time. */
  findings(read: Pick<Documents, 'getJson'>): Promise<readonly Finding[]>;
}

/** Is every document there that an event names, or a document that one names? They are hashed as their pieces go by, and need not fit into memory. */
export function documentCheck(): DocumentCheck {
  const present = new Map<string, OpenDocument>();
  const named = new Map<Digest, string>();
  const toRead: NamedDocument[] = [];
  const damaged: string[] = [];
  const isThere = (digest: Digest) => present.get(hexOf(digest))?.complete === true;

  function name(document: NamedDocument, by: string): void {
    if (named.has(document.digest)) return;
    named.set(document.digest, by);
    if (document.within !== undefined) toRead.push(document);
  }

  async function follow(read: Pick<Documents, 'getJson'>): Promise<void> {
    for (let next = toRead.pop(); next !== undefined; next = toRead.pop()) {
      const { digest, within } = next;
      if (within === undefined || !isThere(digest) || damaged.includes(`document-${hexOf(digest)}`)) continue;
      try {
        for (const inner of within(await read.getJson(digest))) name(inner, `document-${hexOf(digest)}`);
      } catch (error) {
        damaged.push(`document-${hexOf(digest)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  return {
    take(event) {
      for (const document of documentsNamedBy(event))
        name(document, `${event.type}, event ${event.revision} of ${event.stream}`);
      const hex = /^document-([0-9a-f]{64})$/.exec(event.stream)?.[1];
      if (hex === undefined) return;
      const document = present.get(hex) ?? { hash: createHash('sha256'), complete: false };
      present.set(hex, document);
      if (event.data instanceof Uint8Array && !document.complete) document.hash.update(event.data);
      else if (event.type === 'document-completed.v1' && !document.complete) {
        document.complete = true;
        if (document.hash.digest('hex') !== hex) damaged.push(event.stream);
      } else damaged.push(event.stream);
    },
    async findings(read) {
      await follow(read);
      const missing = [...named]
        .filter(([digest]) => !isThere(digest))
        .map(([digest, by]) => `document-${hexOf(digest)}, named by ${by}`);
      const unfinished = [...present]
        .filter(([hex, { complete }]) => !complete && !named.has(`sha256:${hex}` as Digest))
        .map(([hex]) => `document-${hex}`);
      return [
        found('documents', [...damaged, ...missing], {
          none: `${present.size} documents match their digests; all ${named.size} that events and documents name are there`,
          some: 'documents are missing or damaged',
        }),
        ...(unfinished.length === 0
          ? []
          : [
              found(
                'unfinished documents',
                unfinished,
                { none: '', some: 'documents were begun and never named, after an interruption; they do no harm' },
                'remark',
              ),
            ]),
      ];
    },
  };
}
