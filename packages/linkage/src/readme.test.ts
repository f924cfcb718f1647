import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as linkage from './index.ts';

const blocks = [
  ...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
].map((m) => m[1]!);

describe('the README', () => {
  it('has examples', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(3);
    expect(blocks.every((b) => b.includes('// →'))).toBe(true);
  });

  it.each(blocks.map((b, i) => [i + 1, b] as const))('is right in example %i', async (_, text) => {
    const body = text
      .replace(/^import \{([^}]+)\} from '@jingwei\/linkage';$/gm, (_all, names: string) => {
        for (const name of names.split(',')) expect(linkage).toHaveProperty(name.trim());
        return `const {${names}} = lib;`;
      })
      .replace(/^(.+); \/\/ → (.+)$/gm, 'same($1, $2);');
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
      ...args: string[]
    ) => (...given: unknown[]) => Promise<void>;
    await new AsyncFunction('lib', 'same', body)(linkage, (got: unknown, wanted: unknown) =>
      expect(got).toEqual(wanted),
    );
  });
});
