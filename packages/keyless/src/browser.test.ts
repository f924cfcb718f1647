import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Library from './index.ts';
import { misjudged, stubExtender, vectorBytes, vectors, vectorsWanted } from './vectors-testing.ts';

const scratch = mkdtempSync(join(tmpdir(), 'jingwei-keyless-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The index as a browser gets it: bundled under the condition "browser". */
let code = '';
let imports: string[] = [];
let library: typeof Library;
beforeAll(async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    root: scratch,
    build: {
      outDir: scratch,
      emptyOutDir: false,
      minify: false,
      target: 'es2022',
      lib: {
        entry: fileURLToPath(new URL('index.ts', import.meta.url)),
        formats: ['es'],
        fileName: () => 'browser.mjs',
      },
    },
  });
  const [{ output }] = result as unknown as [
    { output: { code: string; imports: string[]; dynamicImports: string[] }[] },
  ];
  code = output.map((chunk) => chunk.code).join('\n');
  imports = output.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]);
  library = (await import(/* @vite-ignore */ pathToFileURL(join(scratch, 'browser.mjs')).href)) as typeof Library;
});

describe('the verifier as a browser gets it', () => {
  it('needs nothing of Node', () => {
    expect(imports).toEqual([]);
    expect(code.length).toBeGreaterThan(50_000);
    const bare = code.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    expect(bare.match(/\bBuffer\b|node:|__vite-browser-external|\bprocess\./g)).toBeNull();
  });

  it.skipIf(!vectorsWanted)('judges every vector as the one on Node', async () => {
    expect(await misjudged(vectors(), library)).toEqual([]);
    const live = vectors(false).filter((row) => /^(1710452040|1711365147)$/.test(row.aggr_time ?? ''));
    expect(await misjudged(live, library, stubExtender(library))).toEqual([]);
  });

  it.skipIf(!vectorsWanted)('believes and refuses publications files like the one on Node', () => {
    const anchor = Buffer.from(vectorBytes('trust-anchors/globalsign-document-signing-root-r45.pem')).toString();
    const bytes = vectorBytes('pack-2024/policy-verification-signatures/resources/publications-file.bin');
    const file = library.readPublicationsFile(bytes);
    const editor = { roots: [anchor], email: 'publications@guardtime.com' };
    expect(library.verifyPublicationsFile(file, editor).signer).toContain('publications@guardtime.com');
    const changed = { ...file, signed: file.signed.slice(1) };
    expect(() => library.verifyPublicationsFile(changed, editor)).toThrow('content was changed');
  });
});
