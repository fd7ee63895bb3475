import { printable } from '@waybill/kernel';
import type { PlanItemView, PlanView } from '../api/plan.js';
import { itemLabel, valueText } from './itemText.js';
import { lineDiff } from './lineDiff.js';
import { setByText } from './settingsText.js';
import { shellWord } from './shellWord.js';

export interface ItemContext {
  readonly contents: PlanView['contents'];
  /** Names of components by key. */
  readonly names: ReadonlyMap<string, string>;
  /** The version planned for. */
  readonly to: string | undefined;
}

/** One item of a plan: `+` comes, `-` goes, `~` changes, `=` stays, `!` stays although both sides changed it. Safe to print. */
export function planItemText(item: PlanItemView, context: ItemContext): readonly string[] {
  const reasons = [item.reason, ...whoseText(item), ...acceptText(item, context)].join('; ');
  const line = `${signOf(item)} ${itemLabel(item.path, context.names)}${valuesOf(item, context.to)} — ${reasons}`;
  return [printable(line), ...fileLines(item, context)];
}

function signOf({ verdict, action }: PlanItemView): string {
  if (verdict === 'keep') return '=';
  if (verdict === 'conflict') return '!';
  return action === 'add' ? '+' : action === 'remove' ? '-' : '~';
}

function valuesOf(item: PlanItemView, to: string | undefined): string {
  const { path, verdict, action, before, after, target } = item;
  if (path === 'component')
    return verdict === 'keep' ? keptComponent(item) : ` ${action === 'remove' ? 'removed' : 'added'}`;
  // That it is there is all it says.
  if (!path.startsWith('publish/') && (after ?? before ?? target) === true) return verdict === 'change' ? '' : ' stays';
  if (path.startsWith('file/')) return verdict === 'change' ? changedFile(action) : ' stays';
  if (verdict !== 'change') {
    const theirs = target === undefined ? 'has none' : `says ${valueText(path, target)}`;
    return `: stays ${valueText(path, before)}; ${to ?? 'the template'} ${theirs}`;
  }
  return changedText(item);
}

function changedText({ path, action, before, after }: PlanItemView): string {
  switch (action) {
    case 'add':
      return `: ${valueText(path, after)}`;
    case 'remove':
      return `: ${valueText(path, before)} goes`;
    case 'update':
      return isSecret(before) && isSecret(after)
        ? ': another secret'
        : `: ${valueText(path, before)} → ${valueText(path, after)}`;
  }
}

const isSecret = (value: unknown): boolean => typeof (value as { secret?: unknown } | null)?.secret === 'string';

const keptComponent = ({ action }: PlanItemView) => (action === 'remove' ? ' stays' : ' stays away');

const changedFile = (action: PlanItemView['action']) =>
  action === 'add' ? ': new' : action === 'remove' ? ': goes' : ': new content';

/** Whose value it was or stays, when it is the site's. */
const whoseText = ({ setBy, verdict }: PlanItemView): readonly string[] =>
  setBy?.kind === 'site' ? [`${verdict === 'change' ? 'was set' : 'set'} at ${setByText(setBy)}`] : [];

/** How to have the target's value after all, as it is typed. */
function acceptText(item: PlanItemView, { names }: ItemContext): readonly string[] {
  if (!item.acceptable || item.verdict === 'change') return [];
  const { component, path, id } = item;
  if (component === undefined) return [`--accept ${shellWord(id)}`];
  const twins = [...names.values()].filter((name) => name === component.name).length > 1;
  const name = twins || component.name.includes('/') ? component.key : component.name;
  return [`--accept ${shellWord(`${name}/${path}`)}`];
}

/** Configuration files differ line by line: what is here, and what the plan puts there or leaves out. */
function fileLines(
  { path, verdict, before, after, target }: PlanItemView,
  { contents, to }: ItemContext,
): readonly string[] {
  if (!path.startsWith('file/')) return [];
  const other = verdict === 'change' ? after : target;
  const [old, present] = [textOf(before, contents), textOf(other, contents)];
  if (old === undefined || present === undefined) return [];
  const [minus, plus] = verdict === 'change' ? ['now', 'then'] : ['stays', `${to ?? 'the template'} says`];
  return [
    `    --- ${minus}`,
    `    +++ ${plus}`,
    ...lineDiff(old, present)
      .filter(({ kind }) => kind !== 'same')
      .map(({ kind, text }) => `    ${kind === 'removed' ? '-' : '+'} ${printable(text)}`),
  ];
}

function textOf(value: unknown, contents: PlanView['contents']): string | undefined {
  if (value === undefined) return '';
  const { document } = value as { readonly document?: string };
  return document === undefined ? undefined : contents[document];
}
