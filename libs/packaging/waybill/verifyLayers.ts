import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { severalAtOnce, WaybillError, type ErrorCode, type ErrorDetails } from '@waybill/kernel';
import { openPackage, type PackageFile } from '../file/packageBytes.js';
import type { ClaimedLayer } from './claimedLayers.js';
import { verifyLayer, type Verifying } from './verifyLayer.js';

/** What a thread is given to work on. */
export interface LayerWork extends Pick<Verifying, 'ahead'> {
  readonly file: PackageFile;
}

/** What a thread tells of the layer it was given. */
export type LayerReport =
  | { readonly kind: 'read' | 'sound'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: string }
  | { readonly kind: 'broken'; readonly message: string };

/** Compressed bytes of a layer that is worth a thread. */
const WORTH = 16 * 1024 ** 2;
/** Pieces of all layers together that are uncompressed or wait for it: none of libuv's threads should have to wait for the next. */
const IN_FLIGHT = 16;
/** Young objects are pieces of files, garbage at once: with little room for them they are freed early. */
const MEMORY = { maxYoungGenerationSizeMb: 4 };

/**
 * Verifies layers of a package on all cores and keeps nothing of them: the large ones are hashed in a thread each, and uncompressed in libuv's, of which
 * there are four unless `UV_THREADPOOL_SIZE` says otherwise.
 * @param onProgress bytes of the package that were read
 * @throws WaybillError as `verifyLayer`
 */
export async function verifyLayers(
  file: PackageFile,
  layers: readonly ClaimedLayer[],
  onProgress: (bytes: number) => void = () => undefined,
): Promise<void> {
  // Who comes last should not keep the others waiting long.
  const largestFirst = [...layers].sort((a, b) => b.storedSize - a.storedSize);
  let read = 0;
  const tell = (bytes: number) => onProgress((read += bytes));
  const large = layers.filter(({ storedSize }) => storedSize > WORTH).length;
  const threads = Math.max(1, Math.min(availableParallelism(), large));
  const ahead = Math.ceil(IN_FLIGHT / threads);
  const workerData: LayerWork = { file, ahead };
  const bytes = await openPackage(file);
  const workers: Worker[] = [];
  const begin = (): Verify => {
    const worker = new Worker(new URL('./layerWorker.js', import.meta.url), { workerData, resourceLimits: MEMORY });
    workers.push(worker);
    return (layer) => verified(worker, layer, tell);
  };
  // A thread takes as long to begin as a hundred megabytes take to verify, so this one does its share.
  const idle: Verify[] = [(layer) => verifyLayer(bytes, layer, { ahead, onBytes: tell })];
  try {
    await severalAtOnce(threads, largestFirst, async (layer) => {
      const verify = idle.pop() ?? begin();
      await verify(layer);
      idle.push(verify);
    });
  } finally {
    await Promise.all([bytes.close(), ...workers.map((worker) => worker.terminate())]);
  }
}

type Verify = (layer: ClaimedLayer) => Promise<void>;

function verified(worker: Worker, layer: ClaimedLayer, tell: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const listen = (report: LayerReport) => {
      switch (report.kind) {
        case 'read':
          tell(report.bytes);
          return;
        case 'sound':
          tell(report.bytes);
          done();
          resolve();
          return;
        case 'failed':
          done();
          reject(new WaybillError(report.code, JSON.parse(report.details) as ErrorDetails));
          return;
        case 'broken':
          done();
          reject(new Error(report.message));
      }
    };
    const fail = (error: Error) => {
      done();
      reject(error);
    };
    const done = () => {
      worker.off('message', listen);
      worker.off('error', fail);
    };
    worker.on('message', listen);
    worker.on('error', fail);
    worker.postMessage(layer);
  });
}
