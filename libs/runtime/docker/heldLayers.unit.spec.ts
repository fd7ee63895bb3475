import { sha256, type Digest } from '@waybill/kernel';
import { expect, test } from 'vitest';
import { chainIds, layersToSend } from './heldLayers.js';

const [a, b, c] = ['a', 'b', 'c'].map((text) => sha256(text)) as [Digest, Digest, Digest];

test('a layer is named together with those below it', () => {
  expect(chainIds([])).toEqual([]);
  expect(chainIds([a, b, c])).toEqual([a, sha256(`${a} ${b}`), sha256(`${sha256(`${a} ${b}`)} ${c}`)]);
});

test('only layers that the engine lacks in this place are sent', () => {
  expect([...layersToSend([a, b, c], [])]).toEqual([a, b, c]);
  expect([...layersToSend([a, b, c], [[a, b]])]).toEqual([c]);
  expect([...layersToSend([a, b, c], [[a, c], [b]])]).toEqual([b, c]);
  expect([...layersToSend([a, b], [[a, b, c]])]).toEqual([]);
  expect([...layersToSend([a, a], [[a]])]).toEqual([a]);
});
