/**
 * The hub's log: JSON lines by pino. It never holds personal data: routes are logged by their template, not their URL
 * (which may carry a name or a code), the keys below are replaced wherever they appear, and no sentence of an engine, a library or this
 * program keeps the values that it quotes (`clean.ts`).
 */
import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino';

import { entryWithoutValues, errorEntry, problemEntry, withoutValues } from './clean.ts';

export type { Logger } from 'pino';
export { withoutValues } from './clean.ts';

/** Keys whose values never reach the log, at the first three depths. */
const secretKeys = [
  'password',
  'secret',
  'token',
  'cookie',
  'authorization',
  'clientSecret',
  'otp',
  'totp',
  'name',
  'phone',
  'citizenId',
  'params',
  'body',
  'query',
];

/** Fields that a serializer looks after, or that the program itself has made. */
const looked = new Set(['err', 'error', 'problem']);

const fieldsOf = (entry: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entry).map(([k, v]) => [k, looked.has(k) ? v : entryWithoutValues(v)]));

/** Makes the log. `destination` is standard error by default, so that standard output stays for people. */
export function createLogger(options: { level?: LevelWithSilent; destination?: DestinationStream } = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      serializers: {
        err: (error: unknown) => errorEntry(error),
        error: (error: unknown) => errorEntry(error),
        problem: (problem: unknown) => problemEntry(problem),
      },
      formatters: { log: (entry) => fieldsOf(entry) },
      hooks: {
        logMethod(args, method) {
          // The sentence, and what is put into it.
          method.apply(this, args.map((arg) => (typeof arg === 'string' ? withoutValues(arg) : arg)) as typeof args);
        },
      },
      redact: {
        paths: secretKeys.flatMap((k) => [k, `*.${k}`, `*.*.${k}`]),
        censor: '[redacted]',
      },
    },
    options.destination ?? pino.destination({ dest: 2, sync: false }),
  );
}

/** A log that goes nowhere, for tests and small tools. */
export const silentLogger = (): Logger => pino({ level: 'silent' });
