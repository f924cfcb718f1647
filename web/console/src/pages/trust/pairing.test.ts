import { expect, test } from 'vitest';
import { paired } from './pairing.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));
const shown = (names: string[]) => paired(named(...names)).map((p) => [p.file?.name, p.signature?.name]);

test('a signature goes with the file whose name it bears, in whatever order they come', () => {
  expect(shown(['b.txt.ksig', 'a.txt', 'b.txt', 'a.txt.ksig'])).toEqual([
    ['a.txt', 'a.txt.ksig'],
    ['b.txt', 'b.txt.ksig'],
  ]);
});

test('case, a second download and a signature without the file ending do not part them', () => {
  expect(shown(['Plan.PDF', 'plan.pdf (1).KSIG', 'x.doc'])).toEqual([
    ['Plan.PDF', 'plan.pdf (1).KSIG'],
    ['x.doc', undefined],
  ]);
  expect(shown(['plan.pdf', 'plan.ksig', 'other.pdf'])).toEqual([
    ['plan.pdf', 'plan.ksig'],
    ['other.pdf', undefined],
  ]);
});

test('one file and one signature belong together whatever they are called; of several nothing is guessed', () => {
  expect(shown(['letter.pdf', 'seal-17.ksig'])).toEqual([['letter.pdf', 'seal-17.ksig']]);
  expect(shown(['a.pdf', 'b.pdf', 'seal-17.ksig'])).toEqual([
    ['a.pdf', undefined],
    ['b.pdf', undefined],
    [undefined, 'seal-17.ksig'],
  ]);
});
