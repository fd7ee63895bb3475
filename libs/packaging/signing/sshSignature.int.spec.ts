import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSigningKey, parsePublicKey, signingKeyFile, signingKeyOf, sshSignature, sshSigner } from './index.js';

const run = promisify(execFile);
const key = signingKeyOf(Buffer.alloc(32, 7));
const content = Buffer.from('{"what":"a package"}');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-signing-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What someone has who only has OpenSSH. */
async function opensshAccepts(signature: string, bytes: Uint8Array, namespace: string): Promise<boolean> {
  await writeFile(join(folder, 'allowed'), `vendor@example namespaces="package@waybill" ${key.publicKey.line}\n`);
  await writeFile(join(folder, 'signature'), signature);
  const verify = ['-Y', 'verify', '-f', 'allowed', '-I', 'vendor@example', '-n', namespace, '-s', 'signature'];
  return new Promise((resolve) => {
    const child = execFile('ssh-keygen', verify, { cwd: folder }, (error) => resolve(error === null));
    child.stdin?.end(bytes);
  });
}

describe('a signature', () => {
  it('is taken by ssh-keygen, for these bytes and this namespace only', async () => {
    const signature = sshSignature(key, 'package@waybill', content);
    expect(await opensshAccepts(signature, content, 'package@waybill')).toBe(true);
    expect(await opensshAccepts(signature, Buffer.from('{"what":"another"}'), 'package@waybill')).toBe(false);
    const elsewhere = sshSignature(key, 'git', content);
    expect(await opensshAccepts(elsewhere, content, 'git')).toBe(false);
  });

  it('of ssh-keygen is taken here', async () => {
    const file = join(folder, 'key');
    await writeFile(file, signingKeyFile(Buffer.alloc(32, 7), 'a test'), { mode: 0o600 });
    await writeFile(join(folder, 'content'), content);
    await run('ssh-keygen', ['-Y', 'sign', '-f', file, '-n', 'package@waybill', join(folder, 'content')]);
    const signature = await readFile(join(folder, 'content.sig'), 'utf8');
    expect(signature).toBe(sshSignature(key, 'package@waybill', content));
    expect(sshSigner(signature, 'package@waybill', content)).toEqual(key.publicKey);
    expect(sshSigner(signature, 'another', content)).toBeUndefined();
    expect(sshSigner(signature, 'package@waybill', Buffer.from('else'))).toBeUndefined();
  });

  it('that was changed in any one bit names nobody', () => {
    const signature = Buffer.from(sshSignature(key, 'package@waybill', content));
    const stillValid = [];
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const changed = Buffer.from(signature);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (sshSigner(changed.toString('latin1'), 'package@waybill', content) !== undefined) stillValid.push(bit);
    }
    // Line ends inside the armour carry nothing.
    expect(stillValid.filter((bit) => signature[bit >> 3] !== 0x0a)).toEqual([]);
  });
});

describe('a private key file', () => {
  it('written here is the same key to ssh-keygen', async () => {
    const file = join(folder, 'own');
    await writeFile(file, signingKeyFile(Buffer.alloc(32, 9), 'a test'), { mode: 0o600 });
    const own = openSigningKey(await readFile(file, 'utf8'), file);
    const { stdout } = await run('ssh-keygen', ['-y', '-f', file]);
    expect(parsePublicKey(stdout)).toEqual(own.publicKey);
    expect((await run('ssh-keygen', ['-l', '-f', file])).stdout.split(' ')[1]).toBe(own.publicKey.fingerprint);
  });

  it.each([
    ['ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', 'made']],
    ['openssl', ['genpkey', '-algorithm', 'ed25519', '-out', 'made']],
  ])('made by %s is read, and signs', async (program, args) => {
    await rm(join(folder, 'made'), { force: true });
    await run(program, args, { cwd: folder });
    const made = openSigningKey(await readFile(join(folder, 'made'), 'utf8'), 'made');
    expect(sshSigner(sshSignature(made, 'n', content), 'n', content)).toEqual(made.publicKey);
  });

  it.each([
    ['under a passphrase', ['-t', 'ed25519', '-N', 'secret'], /passphrase/],
    ['of another kind', ['-t', 'ecdsa', '-N', ''], /ecdsa-sha2-nistp256, not ssh-ed25519/],
    ['of another kind, in PEM', ['-t', 'rsa', '-m', 'PEM', '-N', ''], /of the kind rsa/],
  ])('%s is refused by name', async (_, args, reason) => {
    const file = join(folder, 'other');
    await rm(file, { force: true });
    await run('ssh-keygen', ['-q', ...args, '-f', file]);
    const text = await readFile(file, 'utf8');
    expect(() => openSigningKey(text, file)).toThrow(reason);
    expect(() => openSigningKey(text, file)).toThrow(expect.objectContaining({ code: 'signing-key-invalid' }));
  });
});
