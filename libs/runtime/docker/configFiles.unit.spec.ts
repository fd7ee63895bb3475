import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { configFiles } from './configFiles.js';

test('config files stand in the archive below the root, with their modes and their secrets put in', async () => {
  const archive = await configFiles(
    [
      { path: '/etc/app/a.conf', mode: 0o640, content: 'plain ünicode' },
      {
        path: '/../../etc/./b',
        mode: 0o100755,
        content: { parts: ['x=', { secret: 's', version: 2, fingerprint: 'f' }] },
      },
    ],
    ({ secret, version }) => `${secret}${version}`,
  );
  const found: unknown[] = [];
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const pieces: Buffer[] = [];
    for await (const piece of entry) pieces.push(piece as Buffer);
    const { name, mode, uid, gid } = entry.header;
    found.push({ name, mode, uid, gid, text: Buffer.concat(pieces).toString() });
  }
  expect(found).toEqual([
    { name: 'etc/app/a.conf', mode: 0o640, uid: 0, gid: 0, text: 'plain ünicode' },
    { name: 'etc/b', mode: 0o755, uid: 0, gid: 0, text: 'x=s2' },
  ]);
});
