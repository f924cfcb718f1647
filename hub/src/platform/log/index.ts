/**
 * The hub's log: JSON lines by pino. It never holds personal data: routes are logged by their template, not their URL
 * (which may carry a name or a code), and the keys below are replaced wherever they appear.
 */
import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

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

/** Makes the log. `destination` is standard error by default, so that standard output stays for people. */
export function createLogger(options: { level?: LevelWithSilent; destination?: DestinationStream } = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
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
