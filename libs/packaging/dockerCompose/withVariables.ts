import type { Text } from '@waybill/kernel';
import { partsOf } from '../running/substitute.js';
import type { Composed } from './composed.js';
import type { Variable } from './variables.js';

/** The text with references to `.env` where the running state has secrets. */
export const withVariables = (
  text: Text,
  { variables }: Pick<Composed, 'variables'>,
  written: { readonly text: (text: string) => string; readonly variable: (variable: Variable) => string },
): string =>
  partsOf(text)
    .map((part) => {
      if (typeof part === 'string') return written.text(part);
      const variable = variables.get(part.secret);
      if (variable === undefined) throw new Error(`nothing stands for ${part.secret}`);
      return written.variable(variable);
    })
    .join('');
