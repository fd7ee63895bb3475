import { printable } from '@waybill/kernel';

/**
 * Text in lines, as a terminal may be given it. Whoever puts a value into a line spells it out already, so that it stays one line; this is for what
 * was forgotten, and for JSON, which means the same afterwards.
 */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');
