import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { SERVER_PROGRAM } from '../../deploy/setup/serverProgram.mjs';

const root = join(import.meta.dirname, '../..');
const flags = SERVER_PROGRAM.slice(0, -1);
const program = SERVER_PROGRAM.at(-1) ?? '';

it('is run in one way by the scripts, the image and the systemd unit', async () => {
  const words = [...flags, relative(root, program)];
  const [dockerfile, unit] = await Promise.all(
    ['deploy/Dockerfile', 'deploy/waybill.service'].map((file) => readFile(join(root, file), 'utf8')),
  );
  expect(dockerfile).toContain(`CMD ${JSON.stringify(['node', ...words]).replaceAll(',', ', ')}`);
  expect(unit).toContain(`ExecStart=/usr/bin/node ${words.join(' ')}\n`);
});
