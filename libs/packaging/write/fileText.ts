/** Names are for people and may hold anything; a file name may not. */
export const fileText = (text: string): string => text.replaceAll(/[/\\\p{Cc}]/gu, '_').slice(0, 80) || '_';
