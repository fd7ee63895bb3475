import { accessProjection } from '@waybill/access';
import { catalogProjection } from '@waybill/catalog';
import { instancesProjection, runsProjection, statesProjection } from '@waybill/delivery';
import type { Projection } from '@waybill/event-store';

/** The read models of the server, whatever store the log is in. */
export const projections: readonly Projection[] = [
  accessProjection,
  catalogProjection,
  instancesProjection,
  statesProjection,
  runsProjection,
];
