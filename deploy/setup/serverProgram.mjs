import path from 'node:path';
import { ROOT } from './dependencies.mjs';

/**
 * What node is given to run the built server; the Dockerfile and the systemd unit say the same. Pieces of files on their way through the server
 * are garbage at once, and node frees them when its space for young objects is full: kept small, that takes some 80 MB less.
 * Several threads clearing so small a space get in each other's way.
 */
export const SERVER_PROGRAM = [
  '--max-semi-space-size=2',
  '--no-parallel-scavenge',
  path.join(ROOT, 'apps/server/dist/main.js'),
];
