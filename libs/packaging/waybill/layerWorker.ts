import { parentPort, workerData } from 'node:worker_threads';
import { isWaybillError } from '@waybill/kernel';
import { openPackage } from '../file/packageBytes.js';
import type { ClaimedLayer } from './claimedLayers.js';
import { verifyLayer } from './verifyLayer.js';
import type { LayerReport, LayerWork } from './verifyLayers.js';

/** Bytes after which it tells how far it is. */
const TELL = 4 * 1024 ** 2;

// A thread of `verifyLayers`: is sent a layer, verifies it, and says so.
const port = parentPort;
const { file, ahead } = workerData as LayerWork;
const bytes = await openPackage(file);
const tell = (report: LayerReport) => port?.postMessage(report);
let untold = 0;
port?.on('message', (layer: ClaimedLayer) => {
  const onBytes = (count: number) => {
    untold += count;
    if (untold < TELL) return;
    tell({ kind: 'read', bytes: untold });
    untold = 0;
  };
  verifyLayer(bytes, layer, { ahead, onBytes }).then(
    () => {
      tell({ kind: 'sound', bytes: untold });
      untold = 0;
    },
    (error: unknown) =>
      tell(
        isWaybillError(error)
          ? { kind: 'failed', code: error.code, details: JSON.stringify(error.details) }
          : { kind: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      ),
  );
});
