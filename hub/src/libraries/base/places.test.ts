import { afterAll, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { addressBlock, addressNumber, addressRoom, addressTown } from './places.ts';

let lake: Lake | undefined;
afterAll(() => lake?.close());
async function keys(address: string) {
  lake ??= await openDuckDbLake({ path: ':memory:', threads: 1 });
  return lake.first(
    `SELECT ${addressTown('x')} AS town, ${addressNumber('x')} AS number, ${addressBlock('x')} AS block, ${addressRoom('x')} AS room FROM (SELECT $address::VARCHAR AS x)`,
    { address },
  );
}

test.each([
  '慈溪市浒山街道环城南路129号水岸华庭12幢301室',
  '浙江省宁波市慈溪市浒山街道环城南路１２９号水岸华庭１２幢３０１室',
  '浒山街道环城南路129号水岸华庭12号楼301',
  '慈溪市浒山街道环城南路129号12栋301室',
])('spellings of one room have one key: %s', async (address) => {
  expect(await keys(address)).toEqual({
    town: '浒山街道',
    number: '环城南路|129',
    block: '环城南路|129|12',
    room: '环城南路|129|12|301',
  });
});

test('a town that is left out is not guessed, and the keys are the same', async () => {
  expect(await keys('慈溪市宏坚村393号101室')).toEqual({
    town: null,
    number: '宏坚村|393',
    block: '宏坚村|393|',
    room: '宏坚村|393||101',
  });
});

test.each([['无'], ['慈溪市浒山街道'], ['']])('what names no house has no key: %s', async (address) => {
  const { number, block, room } = (await keys(address))!;
  expect([number, block, room]).toEqual([null, null, null]);
});

test('a floor and an office are no block', async () => {
  expect(await keys('慈溪市白沙路街道新城大道88号3楼305室')).toMatchObject({
    block: '新城大道|88|',
    number: '新城大道|88',
  });
});
