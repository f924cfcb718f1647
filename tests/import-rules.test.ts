import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importsOf, violations } from './import-rules.ts';

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((p) => /^(packages|hub|cli|web)\/.*\.tsx?$/.test(p) && !p.endsWith('.d.ts'));

describe('import rules', () => {
  test('every source file of the house obeys them', () => {
    const files = tracked.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
    expect(files.length).toBeGreaterThan(100);
    const edges = files.reduce((n, f) => n + importsOf(f.text).length, 0);
    expect(edges).toBeGreaterThan(300);
    expect(violations(files)).toEqual([]);
  });

  test.each([
    ['packages/codes/src/a.ts', "import { x } from '../../../hub/src/app.ts';"],
    ['packages/codes/src/a.ts', "import { x } from '../../synthcity/src/index.ts';"],
    ['packages/codes/src/a.ts', "import '@jingwei/hub';"],
    ['hub/src/platform/db/a.ts', "import { x } from '../../exchange/index.ts';"],
    ['hub/src/exchange/a.ts', "export * from '../refinery/index.ts';"],
    ['hub/src/credit/a.ts', "import { x } from '../libraries/tables.ts';"],
    ['hub/src/credit/a.ts', "const m = await import('../app.ts');"],
    ['hub/src/credit/a.ts', "import { x } from '@jingwei/codes/src/uscc.ts';"],
    ['hub/src/app.ts', "import { x } from './credit/search.ts';"],
    ['hub/src/libraries/a.ts', "import { x } from '../refinery/testing.ts';"],
    ['hub/src/libraries/a.test.ts', "import { x } from '../refinery/tables.ts';"],
    ['hub/src/strange/a.ts', "import { x } from '../credit/index.ts';"],
    ['web/console/src/a.tsx', "import type { x } from '../../../hub/src/credit/api.ts';"],
    ['web/console/src/a.tsx', "import { x } from '../../../hub/src/forms/pure/rules.ts';"],
    ['cli/src/a.ts', "import { x } from '../../hub/src/app.ts';"],
  ])('%s with %s is refused', (path, text) => {
    expect(violations([{ path, text }])).toHaveLength(1);
  });

  test.each([
    ['hub/src/credit/a.ts', "import { x } from '../libraries/index.ts';\nimport y from '../platform/clock.ts';"],
    ['hub/src/app.ts', "import { room } from './credit/index.ts';"],
    ['web/console/src/a.tsx', "import { x } from '../../../hub/src/forms/pure/index.ts';"],
    ['hub/src/libraries/a.test.ts', "import { x } from '../refinery/testing.ts';"],
    ['hub/src/credit/a.test.ts', "// import { x } from '../libraries/tables.ts'"],
  ])('%s with %s is allowed', (path, text) => {
    expect(violations([{ path, text }])).toEqual([]);
  });

  test('multi-line, type-only and dynamic imports are all seen', () => {
    expect(
      importsOf(
        "import type {\n  A,\n  B,\n} from './a.ts';\nexport { c } from './b.ts';\nconst d = import('./d.ts');\nimport './e.ts';",
      ),
    ).toEqual(['./a.ts', './b.ts', './d.ts', './e.ts']);
  });
});
