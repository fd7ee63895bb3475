import { isWaybillError, type ComponentKey } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import type { PlanItem } from '../domain/plan.js';
import { acceptedItems } from './acceptedItems.js';

const web = { key: 'a02' as ComponentKey, name: 'web' };
const db = { key: 'a01' as ComponentKey, name: '数据库' };
const components = [
  { ...web, host: 'web' },
  { ...db, host: 'db' },
];
const item = (component: PlanItem['component'], path: string, acceptable = true): PlanItem => ({
  id: `${component?.key ?? 'shared'}/${path}`,
  ...(component === undefined ? {} : { component }),
  path,
  verdict: 'keep',
  action: 'update',
  rule: 'stays-as-site-has-it',
  reason: 'r',
  acceptable,
});
const items = [
  item(web, 'env/LOG_LEVEL'),
  item(web, 'env/TZ'),
  item(web, 'image', false),
  item(db, 'file//etc/my.cnf'),
  item(db, 'volume//data', false),
  item(undefined, 'group/common/REGION'),
];
const accepted = (...asked: readonly string[]) => [...acceptedItems(asked, { items, components })];
const refusal = (asked: string, offer = { items: items as readonly PlanItem[], components }) => {
  try {
    acceptedItems([asked], offer);
  } catch (error) {
    return isWaybillError(error) ? `${error.code}: ${error.message}` : String(error);
  }
  return 'was taken';
};

describe('what a person accepts', () => {
  it.each([
    [['web/env/LOG_LEVEL'], ['a02/env/LOG_LEVEL']],
    [['a02/env/LOG_LEVEL', 'web/env/LOG_LEVEL'], ['a02/env/LOG_LEVEL']],
    [['数据库/file//etc/my.cnf'], ['a01/file//etc/my.cnf']],
    [['shared/group/common/REGION'], ['shared/group/common/REGION']],
    [['web/env/*'], ['a02/env/LOG_LEVEL', 'a02/env/TZ']],
    [['*/file/*'], ['a01/file//etc/my.cnf']],
    [
      ['db/*', 'a02/*TZ'],
      ['a01/file//etc/my.cnf', 'a02/env/TZ'],
    ],
    [['*'], ['a02/env/LOG_LEVEL', 'a02/env/TZ', 'a01/file//etc/my.cnf', 'shared/group/common/REGION']],
  ])('%o is %o', (asked, ids) => {
    expect(accepted(...asked)).toEqual(ids);
  });

  it.each([
    ['web/env/LOG_LEVL', 'Did you mean web/env/LOG_LEVEL?'],
    ['web/image', 'These can be: web/env/LOG_LEVEL, web/env/TZ, db/file//etc/my.cnf, shared/group/common/REGION.'],
    ['db/volume//data', 'These can be: '],
    ['*/memory', 'These can be: '],
    ['web/env/T.*', 'Did you mean web/env/TZ?'],
    ['shared/group/common/REGIO', 'Did you mean shared/group/common/REGION?'],
  ])('refuses %s, and says what there is', (asked, hint) => {
    expect(refusal(asked)).toContain(`item-not-found: The plan has no item "${asked}" that could be accepted. ${hint}`);
  });

  it('says that there is nothing to accept where all follows the template', () => {
    expect(refusal('*', { items: [], components })).toContain('Nothing in it can be accepted');
  });
});
