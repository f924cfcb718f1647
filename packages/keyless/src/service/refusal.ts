/** Why a server of the protocol refuses, by its number on the wire. */
import { KeylessError } from '../errors.ts';

/** Numbers of refusals; some mean one thing to who signs and another to who extends. */
export const STATUS = {
  invalidRequest: 0x101,
  authentication: 0x102,
  invalidPayload: 0x103,
  /** Signing: the tree is too high. Extending: the range of times runs backwards. */
  tooLarge: 0x104,
  /** Signing: the client's quota is used up. Extending: before the calendar begins. */
  overQuota: 0x105,
  /** Signing: too many requests in this second. Extending: after the last second of the calendar. */
  tooMany: 0x106,
  /** Signing: the message is too long. Extending: in the future. */
  tooLong: 0x107,
  internal: 0x200,
  upstream: 0x300,
  upstreamTimeout: 0x301,
} as const;

/** A refusal: status on the wire, code and words. */
export class Refusal extends KeylessError {
  readonly status: number;
  constructor(status: number, code: string, zh: string, en: string) {
    super(code, zh, en);
    this.status = status;
  }
}

/** Refuses. */
export function refuse(status: number, code: string, zh: string, en: string): never {
  throw new Refusal(status, code, zh, en);
}

/** The refusal that an error is told as: one of our own as it is, a failing disk and the unforeseen as internal ones. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof KeylessError)
    return new Refusal(STATUS.internal, error.code.replace(/^keyless\./, ''), error.zh, error.message);
  return new Refusal(STATUS.internal, 'internal', '内部错误', 'internal error');
}
