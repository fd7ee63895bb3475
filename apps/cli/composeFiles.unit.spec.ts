import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readComposeFiles } from './composeFiles.js';

const COMPOSE = 'services: {web: {image: web, env_file: web.env, volumes: ["./gone:/gone", "./bin:/bin/tool"]}}\n';

async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-compose-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

it('takes the texts that are there', async () => {
  const folder = await folderWith({ 'compose.yaml': COMPOSE, 'web.env': 'A=1', bin: '#!/bin/sh\n' });
  expect(await readComposeFiles(join(folder, 'compose.yaml'))).toEqual({
    compose: COMPOSE,
    files: { 'web.env': 'A=1', bin: '#!/bin/sh\n' },
  });
});

it('says of a file that is there what is wrong with it, not that it is missing', async () => {
  const folder = await folderWith({ 'compose.yaml': COMPOSE, bin: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff]) });
  await expect(readComposeFiles(join(folder, 'compose.yaml'))).rejects.toMatchObject({
    code: 'compose-refused',
    message: expect.stringContaining('and bin is none') as unknown,
  });
});

it('says that a Compose file is not there, and that one is no text', async () => {
  const folder = await folderWith({ 'compose.yaml': Buffer.from([0xff]) });
  await expect(readComposeFiles(join(folder, 'other.yaml'))).rejects.toMatchObject({ code: 'package-not-found' });
  await expect(readComposeFiles(join(folder, 'compose.yaml'))).rejects.toMatchObject({ code: 'invalid-request' });
});
