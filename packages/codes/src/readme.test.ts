import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as codes from './index.ts';

/** Every line `expression; // → value` of the README's examples. */
const examples = [
  ...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/^(.+); \/\/ → (.+)$/gm),
].map((match) => [match[1] as string, match[2] as string] as const);

const evaluate = (expression: string): unknown =>
  new Function(...Object.keys(codes), `return (${expression});`)(...Object.values(codes));

describe('the README', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(20);
  });

  it.each(examples)('is right that %s is %s', (expression, value) => {
    expect(evaluate(expression)).toEqual(evaluate(value));
  });

  it('names only what the package exports', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const imported = [...readme.matchAll(/import \{([^}]+)\}/g)].flatMap((match) => (match[1] as string).split(','));
    for (const name of imported) expect(codes).toHaveProperty(name.trim());
  });
});
