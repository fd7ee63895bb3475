import { randomBytes } from 'node:crypto';
import { secretKey, WaybillError, type SecretKey } from '@waybill/kernel';
import { readIfThere, writePrivateOnce } from './dataFolder.js';

const LINE = /^[0-9a-f]{64}$/;

/**
 * The servers' secret key: 64 hex digits in a file of its own. It is made when the log is new. With an older log and no file the key is lost or
 * elsewhere: history stays readable, and whatever needs the key is refused.
 * @throws WaybillError `secret-key-invalid`
 */
export async function openSecretKey(file: string, logIsNew: boolean): Promise<SecretKey> {
  const text = (await readIfThere(file))?.toString('utf8').trim();
  if (text !== undefined) {
    if (!LINE.test(text)) throw new WaybillError('secret-key-invalid', { file, reason: '64 hex digits are expected.' });
    return secretKey(Buffer.from(text, 'hex'));
  }
  if (!logIsNew) return missingKey(file);
  const key = randomBytes(32);
  // Of several servers that share the file and start at once, the first one's key stays.
  const isOurs = await writePrivateOnce(file, `${key.toString('hex')}\n`);
  return isOurs ? secretKey(key) : openSecretKey(file, logIsNew);
}

function missingKey(file: string): SecretKey {
  const refuse = (): never => {
    throw new WaybillError('secret-key-missing', { file });
  };
  return { id: 'missing', seal: refuse, open: refuse, fingerprint: refuse, mac: refuse, generate: refuse };
}
