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

/** What an error's sentence may quote of the data: long numbers and values that could not be converted. */
const quoted = [/\d{10,}[\dXx]?/g, /(?<=convert string |invalid input syntax for type [\w ]+: )(['"]).*?\1/gi];

const clean = (text: string): string => quoted.reduce((t, pattern) => t.replace(pattern, '[value]'), text);

/**
 * An error as the log keeps it: kind, code, sentence, stack, cause. What a database adds (`detail`: the row that broke a
 * rule) and what a Problem was filled with stay out.
 */
function errorEntry(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? clean(error) : { type: typeof error };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    message: clean(error.message),
    stack: clean(error.stack ?? ''),
    ...(error.cause !== undefined && depth < 3 ? { cause: errorEntry(error.cause, depth + 1) } : {}),
    ...(error instanceof AggregateError ? { errors: error.errors.map((e) => errorEntry(e, depth + 1)) } : {}),
  };
}

/** Makes the log. `destination` is standard error by default, so that standard output stays for people. */
export function createLogger(options: { level?: LevelWithSilent; destination?: DestinationStream } = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => errorEntry(error) },
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
