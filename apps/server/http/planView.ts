import { Inject, Injectable } from '@nestjs/common';
import { DELIVERY_READER, type DeliveryReader, type Plan, type PlanItem } from '@waybill/delivery';
import type { Documents } from '@waybill/event-store';
import type { Digest } from '@waybill/kernel';
import { PARTS } from '../parts.js';
import type { PlanDto } from './dto/plan.dto.js';

/** Beyond this a configuration file is shown by its digest only. */
const LONGEST_SHOWN = 65_536;

/** A plan as it is shown: with the texts of the configuration files it speaks of, since a digest tells a person nothing, and with who set what. */
@Injectable()
export class PlanView {
  constructor(
    @Inject(PARTS) private readonly parts: { readonly reading: { readonly documents: Documents } },
    @Inject(DELIVERY_READER) private readonly reader: DeliveryReader,
  ) {}

  async of(digest: Digest, plan: Plan): Promise<PlanDto> {
    const contents: Record<string, string> = {};
    for (const name of new Set(plan.items.flatMap(filesOf))) {
      const bytes = await this.parts.reading.documents.get(name);
      if (bytes.length <= LONGEST_SHOWN) contents[name] = Buffer.from(bytes).toString('utf8');
    }
    return { digest, ...plan, items: await this.reader.settersOf(plan), contents };
  }
}

function filesOf(item: PlanItem): readonly Digest[] {
  if (!item.path.startsWith('file/')) return [];
  return [item.before, item.after, item.target].flatMap((value) =>
    value === undefined ? [] : [(value as { document: Digest }).document],
  );
}
