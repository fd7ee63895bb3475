import { printable } from '@waybill/kernel';
import type { DiagnosisView, FindingView } from '../api/admin.js';
import { ending } from '../ending.js';
import { counted } from '../output/amounts.js';
import { table } from '../output/table.js';
import type { Session } from '../session.js';

/** `waybill admin doctor`. @throws an ending with exit 1 when a check found a problem */
export async function diagnose(session: Session): Promise<void> {
  session.progress.show('reading the whole log');
  const diagnosis = await session.client.get<DiagnosisView>('/admin/doctor').finally(() => session.progress.end());
  session.show(diagnosis, () => diagnosisText(diagnosis.findings));
  const problems = diagnosis.findings.filter(({ state }) => state === 'problem').length;
  if (!diagnosis.healthy) throw ending(1, `${counted(problems, 'check')} found a problem.`);
}

const diagnosisText = (findings: readonly FindingView[]): string =>
  [
    table(
      ['check', 'state', 'found'],
      findings.map(({ check, state, detail }) => [check, state, detail]),
    ),
    ...findings
      .filter(({ items }) => items.length > 0)
      .map(({ check, items }) => `\n${check}:\n${items.map((item) => `  ${printable(item)}\n`).join('')}`),
  ].join('');
