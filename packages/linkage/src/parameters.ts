/** What a linkage learned, as plain data: can be kept, looked at and used again, frozen or as a start. */

import { fail } from './errors.ts';
import type { CodeParameters, Interaction } from './evidence.ts';

/** Learned parameters. */
export interface Parameters {
  version: 1;
  /** Share of matches among all pairs of the topology. */
  lambda: number;
  /** Number of records that they were learned from: token weights count against it. */
  records: number;
  /** Frequency classes by column. */
  classes: Record<string, number>;
  comparisons: CodeParameters[];
  interactions: Interaction[];
  /** Log-likelihood after each step, by round of EM. */
  likelihood: number[][];
  /** Largest block used. */
  cap: number;
}

/** Reads parameters from JSON text or an object; throws `linkage.parameters` where they are none. */
export function parseParameters(source: string | object): Parameters {
  let value: Partial<Parameters>;
  try {
    value = (typeof source === 'string' ? JSON.parse(source) : source) as Partial<Parameters>;
  } catch (error) {
    fail(
      'parameters',
      `参数不是 JSON：${(error as Error).message}`,
      `parameters are not JSON: ${(error as Error).message}`,
    );
  }
  if (value.version !== 1 || typeof value.lambda !== 'number' || !Array.isArray(value.comparisons) || !value.classes) {
    fail('parameters', '这不是连接参数', 'these are no linkage parameters of version 1');
  }
  return value as Parameters;
}
