import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { severalAtOnce, WaybillError, type ErrorCode, type ErrorDetails } from '@waybill/kernel';
import type { PackageFile } from '../file/packageBytes.js';

import type { ClaimedLayer } from './claimedLayers.js';
import type { Verifying } from './verifyLayer.js';

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
const WORTH = 1024 ** 2;
/** Young objects are pieces of files, garbage at once: with little room for them they are freed early. */
const MEMORY = { maxYoungGenerationSizeMb: 4 };

/**
 * Verifies layers of a package on all cores and keeps nothing of them: each is hashed in a thread of its own, and uncompressed in libuv's, of which
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
  const cores = availableParallelism();
  const threads = Math.max(1, Math.min(cores, layers.filter(({ storedSize }) => storedSize > WORTH).length));
  const workerData: LayerWork = { file, ahead: 1 + Math.ceil(cores / threads) };
  const workers: Worker[] = [];
  const idle: Worker[] = [];
  const begin = () => {
    const worker = new Worker(new URL('./layerWorker.js', import.meta.url), { workerData, resourceLimits: MEMORY });
    workers.push(worker);
    return worker;
  };
  try {
    await severalAtOnce(threads, largestFirst, async (layer) => {
      const worker = idle.pop() ?? begin();
      await verified(worker, layer, tell);
      idle.push(worker);
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

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
