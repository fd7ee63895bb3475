import { printable } from '@waybill/kernel';
import type { PlanItemView, PlanStepView, PlanView } from '../api/plan.js';
import { counted } from './amounts.js';
import { planItemText, type ItemContext } from './planItemText.js';
import { itemLabel, valueText } from './itemText.js';

/** A plan for people: component by component what changes and what stays, and why; then what to know before saying yes. */
export function planText(plan: PlanView): string {
  const names = namesOf(plan);
  const context = { contents: plan.contents, names, to: plan.to?.version };
  return [
    `${titleOf(plan)}\n`,
    ...groupsOf(plan, names).map((group) => componentText(group, context)),
    ...section('Generated', secretLines(plan, names)),
    ...section(
      'Know',
      plan.warnings.map(({ subject, message }) => `! ${subject}: ${message}`),
    ),
    `${verdictLine(plan)}\nplan ${plan.digest}\n`,
  ].join('\n');
}

function titleOf({ kind, instance, template, from, to, undoes, removeVolumes }: PlanView): string {
  const name = `"${printable(instance.name)}"`;
  const what = printable(template.name);
  const [old, target] = [from?.version ?? 'nothing', to?.version ?? 'nothing'];
  switch (kind) {
    case 'install':
      return `Install ${name}: ${what} ${target}`;
    case 'upgrade':
      return `Upgrade ${name}: ${what} ${old} → ${target}`;
    case 'rollback':
      return `Roll back ${name}: ${what} ${old} → ${target}, undoing the record ${String(undoes)}\nVolumes and their data stay as they are.`;
    case 'reconfigure':
      return `Apply settings to ${name}: ${what} ${target}`;
    case 'remove':
      return `Remove ${name}: ${what} ${old}\n${removeVolumes ? DATA_GOES : DATA_STAYS}`;
  }
}

const DATA_GOES = 'Its volumes are deleted, and all data in them.';
const DATA_STAYS = 'Its volumes stay on the engine with their data.';

type Names = ReadonlyMap<string, string>;

/** Names of components by key, in the order of the steps. */
function namesOf({ steps, items }: PlanView): Names {
  const names = new Map(steps.map(({ component, name }) => [component, name]));
  for (const { component } of items) if (component !== undefined) names.set(component.key, component.name);
  return names;
}

interface Group {
  readonly name: string;
  readonly step: PlanStepView | undefined;
  readonly items: readonly PlanItemView[];
}

/** Components in the order of their steps, then those without one; what belongs to no component comes last. */
function groupsOf({ steps, items }: PlanView, names: Names): readonly Group[] {
  const groups = [...names].map(([key, name]): Group => ({
    name,
    step: steps.find(({ component }) => component === key),
    items: items.filter(({ component }) => component?.key === key),
  }));
  const shared = items.filter(({ component }) => component === undefined);
  return shared.length === 0 ? groups : [...groups, { name: 'Shared values', step: undefined, items: shared }];
}

function componentText({ name, step, items }: Group, context: ItemContext): string {
  const added = items.find(
    ({ path, action, verdict }) => path === 'component' && action === 'add' && verdict === 'change',
  );
  const heading = [printable(name), stepText(step, added !== undefined)].filter((part) => part !== '').join(': ');
  const told =
    added === undefined
      ? items.flatMap((item) => planItemText(item, context))
      : addedLines(added, items, context.names);
  return `${[heading, ...told.map((line) => `  ${line}`)].join('\n')}\n`;
}

function stepText(step: PlanStepView | undefined, isNew: boolean): string {
  switch (step?.action) {
    case 'create':
      return 'starts';
    case 'replace':
      return step.strategy === 'overlap'
        ? 'is replaced; the new one proves itself before the old one ends'
        : 'is replaced; the old one stops first, for the sake of its data';
    case 'retire':
      return 'ends';
    case 'keep':
      // What is new and keeps has nothing to start: it runs at its times, or elsewhere.
      return isNew ? 'is added; nothing of it starts now' : 'keeps running untouched';
    case undefined:
      return '';
  }
}

/** A component that is new has nothing to compare with: one line, and its values in another. */
function addedLines(added: PlanItemView, items: readonly PlanItemView[], names: Names): readonly string[] {
  const values = items
    .filter((item) => item !== added && !isUsual(item))
    .map(({ path, after }) =>
      printable([itemLabel(path, names), ...(after === true ? [] : [valueText(path, after)])].join(' ')),
    );
  return [
    `+ ${printable(`added: ${valueText('component', added.after)}`)}`,
    ...(values.length === 0 ? [] : [`    ${values.join('; ')}`]),
  ];
}

/** What goes without saying. */
const isUsual = ({ path, after }: PlanItemView): boolean =>
  ((path === 'memory' || path === 'cpu') && after === 0) ||
  (path === 'command' && after === '') ||
  (path === 'replicas' && after === 1);

const secretLines = ({ secrets }: PlanView, names: Names): readonly string[] =>
  secrets.map(({ name, version }) => {
    const [owner = '', variable = ''] = name.split('/', 2);
    return `+ secret ${names.get(owner) ?? owner}/${variable}${version === 1 ? '' : `, version ${version}`}`;
  });

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${[title, ...lines.map((line) => `  ${printable(line)}`)].join('\n')}\n`];

function verdictLine({ kind, items, steps }: PlanView): string {
  const count = (verdict: PlanItemView['verdict']) => items.filter((item) => item.verdict === verdict).length;
  const touched = steps.filter(({ action }) => action !== 'keep').length;
  if (kind === 'remove') return counted(touched, 'component ends', 'components end');
  return [
    counted(count('change'), 'change'),
    `${count('keep')} kept`,
    counted(count('conflict'), 'conflict'),
    `${counted(touched, 'component')} touched`,
  ].join(', ');
}
