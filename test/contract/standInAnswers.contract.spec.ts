import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn } from '../support/eventstoredb/standIn.mjs';
import type { StandIn } from '../support/eventstoredb/standIn.mjs';

const beside = (name: string) => fileURLToPath(new URL(`./eventstoredb/${name}`, import.meta.url));
const recorded = JSON.parse(readFileSync(beside('eventstoredb-behaviour.json'), 'utf8')) as Record<string, unknown>;
/** A genuine server to ask instead, which has to be empty. */
const genuine = process.env['WAYBILL_TEST_EVENTSTORE'];

describe(`what ${genuine === undefined ? 'the stand-in' : 'the server named'} answers the client`, () => {
  let standIn: StandIn | undefined;
  let answers: Record<string, unknown>;

  beforeAll(async () => {
    if (genuine === undefined) standIn = await startStandIn();
    const target = genuine ?? standIn!.connectionString;
    const { stdout } = await promisify(execFile)(process.execPath, [beside('eventstoredb-behaviour.mjs'), target], {
      maxBuffer: 16 * 1024 * 1024,
    });
    answers = JSON.parse(stdout) as Record<string, unknown>;
  });
  afterAll(() => standIn?.stop());

  it('is asked all that EventStoreDB 23.10.6 was asked, in the same order', () => {
    expect(Object.keys(answers)).toEqual(Object.keys(recorded));
  });

  it.each(Object.keys(recorded))('is what EventStoreDB 23.10.6 answered: %s', (question) => {
    expect(answers[question]).toEqual(recorded[question]);
  });
});
