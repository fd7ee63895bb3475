import { describe, expect, it } from 'vitest';
import { executioner } from './failpoints.js';

const passings = ['a before', 'a after', 'b before', 'a before', 'b before', 'c before', 'b before'];
const dueAt = (order: string) => {
  const isDue = executioner(order);
  return passings.findIndex((passing) => isDue(passing));
};

describe('an order to die', () => {
  it.each([
    ['', -1],
    ['a before#1', 0],
    ['a before#2', 3],
    ['a before#3', -1],
    ['a after#1 > b before', 2],
    ['b before#1 > b before', 4],
    ['b before#2 > b before', 6],
    ['c before#1 > a after', -1],
  ])('"%s" is carried out at passing %i', (order, at) => {
    expect(dueAt(order)).toBe(at);
  });
});
