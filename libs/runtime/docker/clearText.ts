import type { Text } from '@waybill/kernel';
import type { OpenSecret } from '../runtime.js';

/** The text with its secrets put in. Call it only on the way into a container. */
export const clearText = (text: Text, openSecret: OpenSecret): string =>
  typeof text === 'string'
    ? text
    : text.parts.map((part) => (typeof part === 'string' ? part : openSecret(part))).join('');
