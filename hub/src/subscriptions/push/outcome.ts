/** What became of one try to send a message. */
import type { ProblemKind } from '../../platform/problem.ts';
import { pushProblems } from '../problems.ts';

/** The answer of a receiver, or why there is none. */
export interface Outcome {
  ok: boolean;
  /** HTTP status, or the MQTT reason code; null without an answer. */
  status: number | null;
  problem: ProblemKind | null;
  /** Milliseconds for which the receiver asks to wait. */
  wait: number | null;
  /** The receiver has given the address up (410). */
  gone: boolean;
}

export const accepted = (status: number | null): Outcome => ({
  ok: true,
  status,
  problem: null,
  wait: null,
  gone: false,
});

export const failure = (
  problem: ProblemKind,
  more: { status?: number; wait?: number | null; gone?: boolean } = {},
): Outcome => ({ ok: false, status: more.status ?? null, problem, wait: more.wait ?? null, gone: more.gone ?? false });

/** Whoever sends messages to one target. */
export interface Transport {
  send(message: import('../log/events.ts').Message, secrets: readonly string[], signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

const TLS = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH)/;
const AWAY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** What an error of a connection means. */
export function faultOf(error: unknown): Outcome {
  let code = '';
  for (let e = error as { code?: unknown; cause?: unknown } | undefined; e && !code; e = e.cause as typeof e)
    if (typeof e.code === 'string') code = e.code;
  // Several addresses that were tried one after another.
  if (!code && error instanceof AggregateError) return faultOf(error.errors[0]);
  if (code === 'EINSIDE') return failure(pushProblems.inside);
  if (TLS.test(code)) return failure(pushProblems.tls);
  return failure(AWAY.has(code) ? pushProblems.unreachable : pushProblems.broken);
}

/** Time before the next try, in milliseconds: doubling from 5 s to an hour, between half of it and all of it by chance. */
export function backoff(failures: number, random: () => number): number {
  const whole = Math.min(3_600_000, 5_000 * 2 ** Math.min(failures - 1, 20));
  return Math.round(whole * (0.5 + random() / 2));
}
