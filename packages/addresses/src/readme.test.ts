import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as addresses from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** Every line `expression; // → value` of the README's examples. */
const examples = [...readme.matchAll(/^(.+); \/\/ → (.+)$/gm)].map(
  (match) => [match[1] as string, match[2] as string] as const,
);
/** The table that the README's matcher is made of. */
const made = /^const matcher = (new Matcher\([\s\S]*?^\));$/m.exec(readme)?.[1];

const evaluate = (expression: string, more: Record<string, unknown> = {}): unknown => {
  const scope: Record<string, unknown> = { ...addresses, ...more };
  return new Function(...Object.keys(scope), `return (${expression});`)(...Object.values(scope));
};

describe('the README', () => {
  const matcher = evaluate(made!);

  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(20);
  });

  it.each(examples)('is right that %s is %s', (expression, value) => {
    expect(evaluate(expression, { matcher })).toEqual(evaluate(value));
  });

  it('names only what the package exports', () => {
    const imported = [...readme.matchAll(/import \{([^}]+)\}/g)].flatMap((match) => (match[1] as string).split(','));
    for (const name of imported) expect(addresses).toHaveProperty(name.trim());
  });
});
