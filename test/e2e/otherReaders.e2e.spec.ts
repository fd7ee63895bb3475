import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltImage } from '@waybill/packaging/testing';
import { engine } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { shellImage, writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer } from '../support/server.js';
import { site } from '../support/site.js';

const run = promisify(execFile);
const key = `open${randomBytes(4).toString('hex')}`;
const reference = (name: string) => `test/${key}-${name}:1.0`;
let images: readonly BuiltImage[] = [];
let folder: string;
/** As it was exported, and beside it what `tar` makes of it. */
let file: string;

beforeAll(async () => {
  folder = await freshFolder();
  images = [await shellImage(reference('web'), 'echo web'), await shellImage(reference('job'), 'echo job')];
  const components = ['web', 'job'].map((name) => ({ key: name, image: reference(name) }));
  const incoming = await writePackage(folder, { key, version: '1.0', components, images });
  const server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  const vendor = site(() => server);
  expect(await vendor.import(incoming)).toMatchObject({ state: 'succeeded' });
  const { id, operation } = await vendor.ask<{ id: string; operation: string }>('POST', '/exports', {
    template: key,
    version: '1.0',
  });
  expect(await vendor.ended(operation)).toMatchObject({ state: 'succeeded' });
  const response = await fetch(`${server.url}/api/v1/exports/${id}/file`, {
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  file = join(folder, `${key}.waybill`);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  await run('tar', ['-xf', file, '-C', folder]);
  await writeFile(join(folder, 'publisher-roots.json'), await readFile(join(server.data, 'publisher-roots.json')));
});
afterAll(async () => {
  await cleanServers();
  await removeImages(images);
});

const diffIds = (image: BuiltImage | undefined) => image?.layers.map(({ diffId }) => diffId);

describe('an exported package of the waybill format', () => {
  it('is opened by skopeo, which finds every image by its name and copies it with all digests right', async () => {
    for (const name of ['web', 'job']) {
      const image = images.find(({ references }) => references.includes(reference(name)));
      const archive = `oci-archive:${file}:${reference(name)}`;
      const inspected = JSON.parse((await run('skopeo', ['inspect', archive])).stdout) as { readonly Layers: string[] };
      expect(inspected.Layers).toHaveLength(image?.layers.length ?? 0);
      const copy = join(folder, `copy-${name}`);
      await run('skopeo', ['copy', '--insecure-policy', archive, `dir:${copy}`]);
      const manifest = JSON.parse(await readFile(join(copy, 'manifest.json'), 'utf8')) as {
        readonly config: { readonly digest: string };
      };
      expect(manifest.config.digest).toBe(image?.id);
    }
  });

  it('is loaded by docker load as it is', async () => {
    const answer = await engine().loadImage(createReadStream(file));
    expect(await text(answer)).toContain(reference('web'));
    for (const image of images) {
      const [name = ''] = image.references;
      const found = await engine().getImage(name).inspect();
      expect(found.RootFS.Layers).toEqual(diffIds(image));
    }
  });

  it('is checked by sha256sum and ssh-keygen, and by nothing of ours', async () => {
    const sums = await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder });
    expect(sums.stdout.split('\n').filter((line) => line !== '' && !line.endsWith(': OK'))).toEqual([]);
    const [root] = JSON.parse(await readFile(join(folder, 'publisher-roots.json'), 'utf8')) as { payload: string }[];
    const { keys } = JSON.parse(Buffer.from(root?.payload ?? '', 'base64').toString()) as { keys: readonly string[] };
    await writeFile(join(folder, 'allowed'), keys.map((line) => `vendor ${line}\n`).join(''));
    const verify = 'ssh-keygen -Y verify -f allowed -I vendor -n package@waybill -s waybill.json.sig';
    const check = (description: string) => run('sh', ['-c', `${verify} < ${description}`], { cwd: folder });
    expect((await check('waybill.json')).stdout).toContain('Good "package@waybill" signature for vendor');
    await writeFile(join(folder, 'changed.json'), `${await readFile(join(folder, 'waybill.json'), 'utf8')} `);
    await expect(check('changed.json')).rejects.toThrow();
  });
});
