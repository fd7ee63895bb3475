import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanServers, freshFolder, startServer, type TestServer } from '../../test/support/server.js';
import { waybill as runWaybill, waybillProgram, type CommandEnded } from '../../test/support/waybill.js';

const fixture = (name: string) => join(import.meta.dirname, '../../test/fixtures', name);

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(cleanServers);

const waybill = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandEnded> =>
  runWaybill(server, args, env);

describe('the built command line against the built server', () => {
  it('finds the administrator’s token and lists it', async () => {
    const { exit, out } = await waybill(['token', 'list']);
    expect(exit).toBe(0);
    expect(out).toMatch(/^ID +ACCOUNT +ROLES.*\n[0-9a-f-]{36} +administrator +admin +person/);
  });

  it('prints the API’s answer for programs', async () => {
    expect(await waybill(['template', 'list', '--json'])).toEqual({ exit: 0, out: '{\n  "items": []\n}\n', err: '' });
  });

  it('ends with 4 for an instance that does not exist', async () => {
    expect(await waybill(['show', 'nope'])).toEqual({
      exit: 4,
      out: '',
      err: 'waybill: There is no instance "nope".\n',
    });
  });

  it('ends with 6 for a token that is not valid', async () => {
    expect((await waybill(['list'], { WAYBILL_TOKEN: 'waybill_wrong' })).exit).toBe(6);
  });

  it('inspects a package without a server', async () => {
    const { exit, out } = await waybill(['inspect', fixture('backend-system-2.0-ram.tar.gz')], {
      WAYBILL_URL: 'http://127.0.0.1:9',
    });
    expect(exit).toBe(0);
    expect(out).toMatch(/Version: +2\.0\n[^]*业务模块D +service[^]*\nThe package is sound\.\n$/);
  });

  it('carries a package to the server and shows it, which counts only when it was confirmed', async () => {
    const begun = await waybill(['import', fixture('backend-system-1.0-ram.tar.gz'), '--json']);
    const { id, state } = JSON.parse(begun.out) as { id: string; state: string };
    expect([begun.exit, state]).toEqual([0, 'inspected']);
    expect(begun.err).toContain(`waybill imports confirm ${id}`);
    expect((await waybill(['template', 'list'])).out).toContain('The catalog is empty.');
    const confirmed = await waybill(['imports', 'confirm', id]);
    expect(confirmed).toMatchObject({
      exit: 0,
      out: `Version 1.0 of backend-system is in the catalog.\nimport ${id} is completed\n`,
    });
    const again = await waybill(['import', '--confirm', fixture('backend-system-1.0-ram.tar.gz')]);
    expect(again.exit).toBe(0);
    expect(again.out).toContain('Version 1.0 of backend-system was in the catalog already, with the same content.');
  });

  it('ends with 3 for a file that is no package, and says what it is', async () => {
    const { exit, err } = await waybill(['import', '--confirm', waybillProgram]);
    expect(exit).toBe(3);
    expect(err).toContain('waybill.mjs is text. It is no package of an application');
  });

  it('ends with 7 when nothing listens', async () => {
    const folder = await freshFolder();
    const gone = await startServer({ data: folder });
    await gone.stop();
    const { exit, err } = await waybill(['list'], { WAYBILL_URL: gone.url, WAYBILL_DATA: folder });
    expect([exit, err]).toEqual([
      7,
      `waybill: The server at ${gone.url} cannot be reached: nothing listens there. Is the server running?\n`,
    ]);
  });
});
