import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { collectedSoFar, incompleteVersions, leftovers, type Amount } from '@waybill/catalog';
import { hasCode, WaybillError } from '@waybill/kernel';
import type { Parts } from '../parts.js';
import { checked, fine, found, type Finding } from './finding.js';
import { checkLog } from './logCheck.js';

type Examined = Pick<
  Parts,
  'store' | 'readModels' | 'documents' | 'content' | 'runtime' | 'secretKey' | 'configuration'
>;

/** Milliseconds that the engine may take to answer. */
const PATIENCE = 5_000;
/** Milliseconds that the read models may take to come up with the log. */
const CATCH_UP = 2_000;
const GIB = 1_073_741_824;
/** Bytes below which a disk is as good as full: an import, or a rollout's images, fill that at once. */
const LEAST_SPACE = GIB;

/** Looks into everything the server stands on. Each check stands alone: one that fails is a finding, and the others go on. */
export async function examine(parts: Examined): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    checked('event store', () => checkStore(parts)),
    checked('events', () => checkLog(parts.store, parts.documents, parts.secretKey.id)),
    checked('content', () => checkContent(parts)),
    checked('leftovers', () => checkLeftovers(parts)),
    checked('read models', () => checkReadModels(parts)),
    checked('engine', () => checkEngine(parts)),
    checked('disk', () => checkDisk(parts)),
  ]);
  return findings.flat();
}

async function checkStore({ store }: Examined): Promise<readonly Finding[]> {
  await store.head();
  const inspection = await store.inspect?.();
  if (inspection === undefined) return [fine('event store', `the log ${store.identity} answers`)];
  const { product, version, findings } = inspection;
  return [
    fine(
      'event store',
      `${product}${version === undefined ? '' : ` ${version}`} answers; the log is ${store.identity}`,
    ),
    found(
      'settings of the store',
      findings.map(({ stream, problem }) => (stream === undefined ? problem : `${stream}: ${problem}`)),
      { none: 'nothing tells the store to forget events', some: 'settings or damages endanger the log' },
    ),
  ];
}

async function checkContent({ store, readModels, documents, content }: Examined): Promise<readonly Finding[]> {
  const collected = await collectedSoFar({ store, documents });
  const incomplete = await incompleteVersions(readModels.db, documents, content, { collected });
  const lost = found(
    'content',
    incomplete
      .filter((one) => !one.collected)
      .map(({ template, version, missing, blocks, restoredBy }) => {
        const amount = missing.blobs.length + missing.layers.length;
        const cure = restoredBy === undefined ? 'publish it again' : `import ${restoredBy.name} again`;
        return `${template} ${version} lacks ${amount} blobs or layers, needed to ${blocks.join(' and ')}: ${cure}`;
      }),
    { none: 'the content store has everything that the versions in the catalog need', some: 'versions lack content' },
  );
  const given = incomplete.filter((one) => one.collected);
  if (given.length === 0) return [lost];
  const items = given.map(
    ({ template, version, restoredBy }) =>
      `${template} ${version}${restoredBy === undefined ? '' : `, which ${restoredBy.name} brings back`}`,
  );
  const words = { none: '', some: 'withdrawn versions whose images were collected on purpose' };
  return [lost, found('collected content', items, words, 'remark')];
}

async function checkLeftovers({ readModels, documents, content }: Examined): Promise<Finding> {
  const { staging, blobs, layers } = await leftovers(readModels.db, documents, content);
  const counted = (what: string, { count, bytes }: Amount) => (count === 0 ? [] : [`${count} ${what}: ${bytes} bytes`]);
  return found(
    'leftovers',
    [
      ...staging.map(({ name, bytes }) => `staging area ${name}, of no unfinished import: ${bytes} bytes`),
      ...counted('blobs that no version in the catalog names', blobs),
      ...counted('layers that no version in the catalog names', layers),
    ],
    {
      none: 'nothing in the content store is without a use',
      some: 'kinds of content that nothing uses; they only take up room',
    },
    'remark',
  );
}

async function checkReadModels({ readModels, store }: Examined): Promise<Finding> {
  const failed = readModels
    .status()
    .flatMap(({ name, failed: reason }) => (reason === undefined ? [] : [`${name}: ${reason}`]));
  const words = { none: '', some: 'read models have stopped; update Waybill, then run waybill admin rebuild' };
  if (failed.length > 0) return found('read models', failed, words);
  try {
    await readModels.whenProcessed(await store.head(), { timeoutMs: CATCH_UP });
    return fine('read models', `all ${readModels.status().length} are up with the log`);
  } catch (error) {
    if (!hasCode(error, 'not-caught-up')) throw error;
    const items = readModels.status().map(({ name, position }) => `${name} is at ${position}`);
    return { check: 'read models', state: 'remark', detail: 'they lag behind the log', items };
  }
}

async function checkEngine({ runtime }: Examined): Promise<Finding> {
  const stopped = new AbortController();
  try {
    const late = delay(PATIENCE, undefined, { signal: stopped.signal }).then(() => {
      throw new WaybillError('engine-timeout', { seconds: PATIENCE / 1_000, action: 'tell its version' });
    });
    const { name, version, id } = await Promise.race([runtime.engine(), late]);
    return fine('engine', `${name} answers: version ${version}, id ${id}`);
  } finally {
    stopped.abort();
  }
}

async function checkDisk({ configuration }: Examined): Promise<Finding> {
  const { bavail, bsize } = await statfs(configuration.data);
  const free = bavail * bsize;
  const detail = `${(free / GIB).toFixed(1)} GiB are free for ${configuration.data}`;
  return free < LEAST_SPACE ? { check: 'disk', state: 'problem', detail, items: [] } : fine('disk', detail);
}
