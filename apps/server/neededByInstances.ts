import type { Need } from '@waybill/catalog';
import { neededImages, type DeliveryDependencies } from '@waybill/delivery';

/** What of the content store the instances need, in the words of the catalog. */
export async function neededByInstances(
  deps: Pick<DeliveryDependencies, 'store' | 'documents' | 'clock'>,
): Promise<readonly Need[]> {
  return (await neededImages(deps)).map(({ images, because }) => ({
    layers: images.flatMap(({ diffIds }) => diffIds),
    blobs: images.map(({ config }) => config),
    because,
  }));
}
