import { WaybillError } from '@waybill/kernel';
import type { ExportFormat } from '../domain/exportEvents.js';
import type { VersionContent } from '../domain/templateEvents.js';

/**
 * A file of the reference system is its own metadata, and nothing else can be written as such.
 * @throws WaybillError `format-cannot-carry`
 */
export function mustCarry(
  format: ExportFormat,
  { template, version, sourceFormat = 'ram' }: Pick<VersionContent, 'template' | 'version' | 'sourceFormat'>,
): void {
  if (format !== 'ram' || sourceFormat === 'ram') return;
  const source = { compose: 'a Compose file', amended: 'what ran in an instance' }[sourceFormat];
  throw new WaybillError('format-cannot-carry', {
    template,
    version,
    format,
    source,
    formats: 'waybill or docker-compose',
  });
}
