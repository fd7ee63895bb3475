import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import { catalogue, isWaybillError, printable } from '@waybill/kernel';
import type { LogLevel } from './config/configuration.js';

const TOKEN = /waybill_[A-Za-z0-9_-]{43}/g;

/**
 * JSON lines on standard error. Whatever looks like a token is blotted out of every line, however it came there, and what a terminal would
 * obey is spelled out: JSON itself leaves DEL, C1 and what turns the direction of text as it is.
 */
export function logging(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['authorization', '*.authorization', '*.headers.authorization'],
    },
    {
      write(line: string) {
        process.stderr.write(`${printable(line.trimEnd().replace(TOKEN, 'waybill_***'))}\n`);
      },
    },
  );
}

/** Tells of work in the background that ended badly. What a person asked for and was refused is no fault of the server's: one line, without a stack. */
export function logBackgroundFailure(logger: Logger, error: unknown, operation: string): void {
  if (isWaybillError(error) && catalogue[error.code].status < 500)
    logger.info({ operation, code: error.code }, `work in the background was refused: ${error.message}`);
  else logger.error({ err: error, operation }, 'work in the background failed');
}

/** What Nest has to say about itself: only its complaints are worth a line at the usual level. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown) => logger.debug(String(message)),
  verbose: (message: unknown) => logger.trace(String(message)),
  debug: (message: unknown) => logger.debug(String(message)),
  warn: (message: unknown) => logger.warn(String(message)),
  error: (message: unknown, ...more: unknown[]) => logger.error({ more }, String(message)),
  fatal: (message: unknown, ...more: unknown[]) => logger.fatal({ more }, String(message)),
});
