import type { Report } from '@waybill/kernel';
import type { OpenImport } from '../domain/import.js';

const TOTAL = 3;

/** What the server does with an import, in words, and which of its three steps that is. */
export function stageOf(kind: OpenImport['kind']): Report {
  switch (kind) {
    case 'collecting':
    case 'reading':
      return { step: 'verifying the package', steps: { done: 0, total: TOTAL } };
    case 'inspected':
      return { step: 'comparing with the catalog', steps: { done: 1, total: TOTAL } };
    case 'storing':
      return { step: 'storing the images', steps: { done: 1, total: TOTAL } };
    case 'cataloguing':
      return { step: 'entering the version into the catalog', steps: { done: 2, total: TOTAL } };
  }
}
